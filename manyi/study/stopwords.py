"""Words that tell nothing by themselves, written by hand."""


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATIONS = "不没未无"

HAN_STARTS = frozenset(
    "与且个为么之也了于些从他以们但你其则即又及向吗吧呀呢和哈哦哪啊啦嘛因她它将就并您我或所才把挺故是此然由的着而若虽被让较这那都里"
)
"""A run that begins so is a piece of a sentence, not a word."""

HAN_ENDS = frozenset(
    "一不与且个为么之也了于些从他以们会但你使其再却又及另只各向吗吧呀呢和哈哦哪啊啦嘛因在地太她它对将就并很得您想我或所才把挺是更最有某每没的着给而能被要让说请跟还这那都非"
)
HAN_INSIDE = frozenset("与且个也了他们但你又吗吧呀呢和哦啊啦在她它就很您我把是有的着而被还这那都")

HAN_WHOLE = _list("""
    一般 一般般 上当 上档次 下次 不值 不好 不错 为难 再也不 到位 太小 太少 太差 太慢 太贵 失望
    好吃 好喝 好好 好用 好看 好评 妈妈 宝宝 差评 常常 很好 很差 很快 很慢 性价比 性价比高 慢慢
    有用 有趣 没用 爸爸 物有所值 用心 目的 给力 还可以 还行
""")
"""Words though their first or last character is in the lists above."""

HAN_STOP = _list("""
    一下 一个 一些 一件 一份 一句 一台 一天 一定 一家 一本 一条 一样 一次 一点 一直 一看 一种
    一股 一般来说 一起 一边 上午 上去 上面 下午 下来 下次去 下次来 下面 不了 不仅 不会 不但 不到
    不太 不少 不得 不得不 不怎 不怎么 不想 不是 不是很 不用 不知 不知道 不管 不能 不要 不过 东西
    两个 两次 个人 为了 为什么 之一 之前 之后 也不 也很 也是 也没 也许 买了 买给 事情 于是 人家
    人说 什么 今天 仍然 他们 他说 以上 以下 以为 以前 以及 以后 任何 估计 似乎 但是 你们 你说
    例如 依旧 依然 元的 关于 其中 其他 其它 其实 再买 再次 再说 几个 几乎 几天 出去 出来 刚刚
    刚才 别人 到了 到底 包括 十分 千万 半天 即使 原本 原来 反正 发现 另外 只好 只是 只有 只能
    只要 可以 可惜 可是 可能 各个 各位 各种 同时 同样 后来 听到 告诉 员态度 哪个 哪怕 哪里 回来
    回答 因为 因此 地方 块钱 基本 基本上 外面 多个 多少 多的 大家 大概 天天 她们 好像 好几 好多
    如家 如果 子里 它们 完全 实在 宾馆反馈 对于 尤其 就不 就是 尽管 居然 左右 差不多 已经 希望
    并且 应该 建议 建议大家 开始 当天 当时 当然 很多 很多人 很有 必须 怎么 怎样 总之 总体 总的
    情况 意思 感觉 我买 我们 我在 我想 我的 我说 或者 或许 所以 所有 才是 打开 打电话过 拿到
    按照 携程 收到 方面 旁边 无论 既然 早上 时候 时间 明天 昨天 是不 是否 晚上 更加 曾经 最后
    最近 有些 有人 有时 有时候 有点 有的 本书 本人 本来 本来是 来说 果然 根据 根本 次买 次住
    次入住 次去 次性 次来 次订 正在 此外 每个 每天 每次 比如 比较 毕竟 没人 没有 没用过 点半
    然后 然而 特别 现在 甚至 用了 由于 的话 直接 相当 看了 看到 看见 真心 真是 真的 知道 确实
    究竟 竟然 第一 第一次 第二 第二天 简直 算是 终于 结果 给我 而且 而已 能够 自己 至于 至少
    虽然 补充点评 觉得 觉的 认为 许多 该酒店 说是 说的 说话 起来 超级 过去 过来 还会 还是 还有
    还没 还算 还能 还要 这个 这么 这些 这家 这本 这样 这次 这款 这点 这种 这里 进去 送到 送来
    送给 通过 那个 那么 那些 那样 那种 那里 都不 都会 都很 都是 都没 里面 问题 除了 难道 需要
    非常 马上
""")

ENGLISH_STOP = _list("""
    a about above after again all also am an and any are aren't as at be because been before
    being below between both but by came can can't cannot cant come could couldn't did didn't
    didnt do does doesn't doesnt doing don't dont down during each even ever every few for from
    further get go going got had hadn't has hasn't have haven't having he her here hers him his
    how i i'd i'll i'm i've if im in into is isn't it it's its itself ive just let's lot made
    make many me more most much my myself no nor of off on once one only or other our ours out
    over own really said same say she should so some still such than that that's the their
    theirs them then there there's these they they're thing things this those through to too two
    under until up us very was wasn't way we we're we've went were weren't what when where which
    while who whom why will with won't wont would wouldn't yet you you're your yours
    actually besides n't not nt
""")

VERDICTS = _list("""
    不错 很好 很差 太差 极差 最差 差劲 一般 一般般 满意 很满意 不满意 喜欢 很喜欢 失望 很失望 垃圾
    差评 好评 还可以 还行 很棒 超级 完美 糟糕 无语 恶心 后悔 推荐 支持 给力 再也不 太好 非常好 更好
    好吃 难吃 good great excellent amazing awesome best perfect love loved nice wonderful fantastic
    recommend bad terrible horrible worst awful poor disappointed disappointing average ok okay
""")
"""Words that judge and name nothing: the one-line answer passes over them."""
