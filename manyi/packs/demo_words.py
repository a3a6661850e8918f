"""What the demo's customers say: sentences by touchpoint and mood, with slots.

Slots: {minutes} of waiting, {goods} a product, {staff} a colleague's number.
"""

from __future__ import annotations

GOODS = {
    "zh-Hans": ("青菜", "草莓", "三文鱼", "酸奶", "面包", "排骨", "鸡蛋", "大米", "苹果", "豆腐"),
    "en": ("spinach", "strawberries", "salmon", "yoghurt", "bread", "eggs", "rice", "apples"),
}

GOOD = {
    "zh-Hans": {
        "checkout": (
            "结账很快，几乎没有排队",
            "自助收银机好用，一分钟就搞定了",
            "收银员动作麻利，还主动帮我装袋",
            "新装的自助结账真方便，再也不用排长队了",
            "收银台开得多，周末也没怎么等",
            "扫码付款顺畅，小票上写得清清楚楚",
        ),
        "fresh": (
            "{goods}很新鲜，比菜市场还好",
            "生鲜区打理得干净，{goods}每天都是当天到的",
            "买的{goods}品质不错，价格也合适",
            "水果很甜，{goods}个头也大",
            "海鲜是活的，师傅处理得很干净",
            "{goods}包装上写了产地和日期，买得放心",
        ),
        "service_desk": (
            "退货很爽快，服务台二话没说就办好了",
            "服务台的{staff}很有耐心，解释得很清楚",
            "积分兑换几分钟就办完了",
            "忘了拿会员卡，服务台帮我查了手机号就行",
            "开发票很快，态度也好",
        ),
        "parking": (
            "停车场宽敞，凭小票免两小时",
            "车位多，指示牌也清楚",
            "地下停车直接上电梯，推车很方便",
        ),
        "delivery": (
            "送货准时，{goods}还用冰袋装着",
            "配送员很有礼貌，帮我提到了门口",
            "下单四十分钟就送到了，一样不少",
            "缺货时先打电话问我换不换，很周到",
        ),
        "store": (
            "环境干净，货架整齐，逛着舒服",
            "店员热情，问什么都能带到货架前",
            "价格实惠，会员日的折扣很划算",
            "品种齐全，一趟就能买齐一周的东西",
            "老顾客了，一直很满意",
            "灯光明亮，通道宽，推婴儿车也不挤",
        ),
    },
    "en": {
        "checkout": (
            "Checkout was quick, hardly any queue",
            "The self-checkout works well and saves a lot of time",
            "The cashier was fast and friendly",
        ),
        "fresh": (
            "The {goods} was really fresh",
            "Good choice of fruit and vegetables, and the {goods} was excellent",
        ),
        "service_desk": (
            "The return was handled without any fuss",
            "Colleague {staff} at the service desk was patient and helpful",
        ),
        "parking": ("Plenty of parking and clear signs",),
        "delivery": (
            "Delivered on time and well packed",
            "The driver carried everything to the door",
        ),
        "store": (
            "Clean store, tidy shelves, easy to find things",
            "Fair prices and good offers for members",
            "Friendly staff, I will come again",
        ),
    },
}

BAD = {
    "zh-Hans": {
        "checkout": (
            "结账排队太久，等了{minutes}分钟",
            "收银台只开了两个，队伍排到了货架中间",
            "周末人多也不加开收银台，排了{minutes}分钟",
            "自助收银机坏了三台，没人来修",
            "排队的时候有人插队，收银员也不管",
            "买一瓶水要等{minutes}分钟，以后不想来了",
            "带着老人排队{minutes}分钟，实在受不了",
            "标签写的是特价，结账时却按原价收",
        ),
        "fresh": (
            "{goods}不新鲜，回家一看已经坏了",
            "{goods}下面压着烂的，包装挡住看不见",
            "下午去生鲜区，{goods}早就卖光了",
            "肉柜有异味，看着不放心",
            "{goods}过期一天还摆在货架上",
            "称重的师傅不在，等了半天没人管",
        ),
        "service_desk": (
            "服务台没人，按铃{minutes}分钟才来",
            "退货要跑两趟，手续太麻烦",
            "问促销规则，两个员工说法不一样",
            "积分少了，服务台让我自己打电话问",
            "开发票排队，{staff}还一脸不耐烦",
        ),
        "parking": (
            "停车场太小，转了{minutes}分钟才找到车位",
            "出口只有一个，堵得厉害",
            "说好免费停车，结果还是收了十块钱",
        ),
        "delivery": (
            "说好十点送到，下午一点才来",
            "少送了{goods}，客服让等退款",
            "袋子破了，鸡蛋碎了一半",
            "配送员打电话态度很差，只肯放楼下",
        ),
        "store": (
            "货架乱，找一样东西要问三个人",
            "店员聊天，叫了几声没人理",
            "通道堆满了纸箱，推车过不去",
            "洗手间又脏又没有纸",
            "价格比网上贵，活动也少了",
            "想买的{goods}又缺货，白跑一趟",
        ),
    },
    "en": {
        "checkout": (
            "I queued for {minutes} minutes to pay",
            "Only two checkouts open at the weekend, the queue was endless",
            "Three of the self-checkouts were broken",
            "The shelf said one price and the till another",
        ),
        "fresh": (
            "The {goods} had gone bad by the time I got home",
            "No {goods} left in the afternoon",
        ),
        "service_desk": (
            "Nobody at the service desk for {minutes} minutes",
            "I had to come twice for one return",
        ),
        "parking": ("It took {minutes} minutes to find a parking space",),
        "delivery": (
            "The delivery came three hours late",
            "The {goods} was missing and support only offered to wait",
        ),
        "store": (
            "Staff were chatting and ignored us",
            "Boxes in the aisles, a trolley cannot pass",
            "The {goods} I wanted was out of stock again",
        ),
    },
}

MIXED = {
    "zh-Hans": (
        "整体还可以，没什么特别的",
        "东西不错，就是人太多",
        "一般般，离家近才来的",
        "商品还行，服务有待提高",
        "价格公道，希望多一些熟食",
    ),
    "en": (
        "Fine overall, nothing special",
        "Good products, but always crowded",
        "Close to home, that is why I come",
    ),
}

SUGGESTIONS = {
    "zh-Hans": (
        "建议晚上七点以后多开一个收银台",
        "希望生鲜区增加小份包装",
        "建议在入口放一张楼层导购图",
        "希望会员日提前在小程序里通知",
        "建议停车场增加充电桩",
    ),
    "en": (
        "Please open one more checkout after seven",
        "Smaller packs of vegetables would help",
        "A map at the entrance would be useful",
    ),
}

# (role, text) in turn; the last line of a talk is the customer's.
TALKS = {
    "zh-Hans": (
        (
            ("customer", "您好，我昨天的订单少了一盒{goods}。"),
            ("agent", "非常抱歉，请您提供一下订单号，我马上核实。"),
            ("customer", "订单号尾号三六二。"),
            ("agent", "查到了，确实漏装，已为您办理退款，两小时内到账。"),
            ("customer", "好的，处理得挺快，谢谢。"),
        ),
        (
            ("customer", "你们几点关门？自助结账几点停？"),
            ("agent", "您好，门店晚上十点关门，自助结账九点五十停止。"),
            ("customer", "知道了，谢谢。"),
        ),
        (
            ("customer", "周末排队{minutes}分钟，你们就不能多开几个收银台吗？"),
            ("agent", "给您添麻烦了，我把意见转给门店经理。"),
            ("customer", "每次都这么说，上个月也反映过了。"),
            ("agent", "这次会登记编号，三天内给您回复。"),
            ("customer", "那我等回复，希望别又没下文。"),
        ),
    ),
    "en": (
        (
            ("customer", "Hello, my delivery has not arrived yet."),
            ("agent", "I am sorry. The driver is ten minutes away."),
            ("customer", "All right, thank you for checking."),
        ),
    ),
}

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    *("芳", "伟", "娜", "敏", "静", "丽", "强", "磊", "军", "洋"),
    *("晓燕", "志明", "雨桐", "子涵", "建国", "秀英", "俊杰", "思远", "佳怡", "海涛"),
)
ENGLISH_NAMES = (
    *("Amelia Stone", "Ben Carter", "Chloe Reed", "Daniel Frost", "Ella Marsh", "Felix Grant"),
    *("Grace Hill", "Henry Lane", "Iris Wood", "Jack Field"),
)
