"""What is said in the demo's chats: matters that customers come with, and how they are served.

Slots: {goods} a product, {number} the end of an order's number, {minutes} of waiting.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Matter:
    """What a customer comes with: opening, details, why it happened, and what can be done."""

    opening: tuple[str, ...]
    details: tuple[str, ...]
    reason: str
    remedy: str
    is_plain: bool = False  # a question, of which nobody is cross


MATTERS = {
    "zh-Hans": (
        Matter(
            ("我昨天的订单少送了一盒{goods}，太不负责了！", "又少送东西，{goods}没给我，气人。"),
            ("尾号{number}，两个人等着做饭呢。", "订单尾号{number}，袋子里翻遍了都没有。"),
            "因为昨天晚高峰分拣漏装，系统里显示{goods}没有扫码",
            "已为您办理{goods}的退款，两小时内原路退回",
        ),
        Matter(
            ("说好十点送到，现在还没到，等得烦死了。", "配送又晚了，每次都这样，很失望。"),
            ("等了{minutes}分钟了，家里老人还等着。", "尾号{number}，电话也打不通。"),
            "由于路上堵车，骑手前面还有两单",
            "帮您联系了骑手，十五分钟内送到，并补发一张免运费券",
        ),
        Matter(
            ("{goods}打开就坏了，这也敢卖？", "刚买的{goods}不新鲜，闻着都臭，太差了。"),
            ("今天上午买的，小票还在，尾号{number}。", "照片发给你们了，你们自己看看。"),
            "是这样的，这批{goods}到货后冷柜出过故障",
            "为您办理全额退款，东西不用退回，另外补发一份新的",
        ),
        Matter(
            ("标签写特价，结账按原价收，这不是骗人吗！", "价格又错了，货架和收银不一样，很生气。"),
            ("{goods}，多收了六块八，小票尾号{number}。", "买了三样，有两样没按会员价。"),
            "因为昨天活动结束，货架标签没有及时更换",
            "差价马上处理，给您退到会员卡，标签也通知门店换掉",
        ),
        Matter(
            ("我的积分怎么少了一半？你们太随意了。", "积分无缘无故没了，很不满意。"),
            ("上个月还有三千多，会员尾号{number}。", "我没有兑换过任何东西。"),
            "根据规定积分满两年会到期，您这笔是前年九月的",
            "这边处理，帮您恢复到本月底，您可以换成购物券",
        ),
        Matter(
            ("自助收银扣了我两次钱，急死了！", "付款扣了两笔，你们机器有问题，很差劲。"),
            ("两笔都是晚上七点多，尾号{number}。", "银行短信都有，你们查。"),
            "由于网络中断，第一笔没有回传到收银机",
            "已为您登记，重复的一笔退款，三个工作日内到账",
        ),
        Matter(
            ("请问门店几点关门？", "你好，晚上九点以后还能自助结账吗？"),
            ("下班路上想顺便买点{goods}。", "我大概九点半到。"),
            "主要是晚上要盘点，自助机会提前十分钟停",
            "您可以九点五十前到店，{goods}这边还有货",
            is_plain=True,
        ),
        Matter(
            ("请问电子发票怎么开？", "怎么把上周的发票补开出来？"),
            ("单位报销要用，小票尾号{number}。", "抬头是公司的。"),
            "需要您先在小程序里补一下税号",
            "您可以在订单页点“开票”，我把步骤发给您",
            is_plain=True,
        ),
        Matter(
            ("会员日什么时候？{goods}有活动吗？", "请问周末{goods}能不能预订？"),
            ("想多买几份。", "家里请客，要得多一些。"),
            "具体是每月十八号，{goods}当天八八折",
            "帮您预留六份，到店报手机尾号就行",
            is_plain=True,
        ),
    ),
    "en": (
        Matter(
            ("My delivery is two hours late and nobody answers. Terrible.",),
            ("It was promised for ten, the number ends in {number}.",),
            "This is because the driver had a flat tyre",
            "I will send you another driver, and the delivery is free",
        ),
        Matter(
            ("The {goods} had gone bad, this is really disappointing.",),
            ("I bought it this morning, receipt {number}.",),
            "The reason is that a cooler failed last night",
            "I have arranged a refund, and you can keep the rest",
        ),
        Matter(
            ("How can I get an invoice for last week?",),
            ("The receipt ends in {number}.",),
            "You only have to add your tax number first",
            "You can press “Invoice” on the page of the order",
            is_plain=True,
        ),
    ),
}

# What who serves says for each item, and what they say instead of a remedy.
SAID = {
    "zh-Hans": {
        "greeting": ("您好，这里是满鲜客服。", "您好，很高兴为您服务。", "欢迎咨询满鲜超市。"),
        "bare": ("在的。", "什么事？", "说吧。"),
        "empathy": (
            "非常抱歉，给您添麻烦了。",
            "实在对不起，理解您的心情。",
            "让您久等了，真不好意思。",
        ),
        "ask": ("麻烦把单号尾号发给我。", "方便说一下是哪一单吗？", "我先核对一下记录。"),
        "promise": ("今天下班前给您答复。", "稍后给您回电确认。"),
        "kept": ("刚才说的那件事已经处理好了，您看一下。", "查到了，已经办好。"),
        "shrug": ("这个我记下了。", "嗯，我反映一下。", "先这样吧，看门店怎么说。"),
        "forbidden": (
            "没办法，系统就是这样。",
            "不是跟你说了吗，等着就行。",
            "这个不归我管，你自己去查。",
        ),
        "closing": ("请问还有其他可以帮您的吗？", "祝您生活愉快，再见。", "感谢您的反馈。"),
        "pleased": ("好的，处理得挺快，谢谢。", "态度不错，满意。", "谢谢，很耐心。"),
        "answered": ("知道了，谢谢。", "好的，明白了，谢谢。"),
        "cross": ("等于没说，太失望了。", "什么态度，以后不买了！", "一点用都没有，差评。"),
    },
    "en": {
        "greeting": ("Hello, welcome to Manxian support. ", "Good morning, how can I help? "),
        "bare": ("Yes? ",),
        "empathy": ("I am so sorry about that. ", "I understand how frustrating this is. "),
        "ask": ("Which order is it?", "Please tell me the number of the order."),
        "promise": ("I'll get back to you within the hour. ",),
        "kept": ("It's done, everything is all set.",),
        "shrug": ("I made a note of it. ", "Noted. "),
        "forbidden": ("There is nothing I can do. ", "As I already said, you have to wait. "),
        "closing": ("Is there anything else?", "Thanks for your feedback, goodbye."),
        "pleased": ("Great, thank you for the quick help!", "Very kind, thanks."),
        "answered": ("All right, thank you.",),
        "cross": ("That is useless, I am disappointed.", "Awful service, never again."),
    },
}
