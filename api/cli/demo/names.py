"""Names and places of the demo district: made up, shaped like those of Hanggin Banner (杭锦旗, 150625)."""

BANNER = "150625"
BANNER_BEFORE_2001 = (
    "152726"  # 伊克昭盟杭锦旗: the code in the numbers of everyone registered before the league became a city
)

# (12-digit region code, site name, way of resettlement, schools near the site)
SITES = (
    ("150625100001", "锡尼镇安居社区", "town", ("杭锦旗第三小学", "杭锦旗第二中学")),
    ("150625101203", "巴拉贡镇幸福新村", "new_village", ("巴拉贡镇中心小学", "巴拉贡镇中学")),
    ("150625104205", "独贵塔拉镇绿洲新村", "new_village", ("独贵塔拉镇中心小学", "独贵塔拉镇中学")),
    ("150625200202", "伊和乌素苏木移民点", "village", ("伊和乌素苏木小学", "杭锦旗第二中学")),
)
ORIGINS = ("150625103208", "150625102206", "150625200210", "150625104211")
ORIGIN_SCHOOLS = ("吉日嘎朗图镇小学", "呼和木独镇小学", "阿日斯楞图苏木小学")
BOARDING_SCHOOLS = ("杭锦旗蒙古族小学", "杭锦旗蒙古族中学")

HAN_SURNAMES = tuple("王李张刘陈杨赵高郝白苗马孙韩贺奇折訾")
HAN_MALE = (
    "建国",
    "志强",
    "永军",
    "二毛",
    "海龙",
    "文平",
    "占林",
    "喜明",
    "俊峰",
    "小东",
    "宇轩",
    "浩然",
    "子涵",
    "天佑",
)
HAN_FEMALE = (
    "秀兰",
    "桂花",
    "美玲",
    "丽娟",
    "海霞",
    "二女",
    "翠英",
    "晓燕",
    "雨桐",
    "欣怡",
    "诗涵",
    "佳琪",
    "改改",
    "润梅",
)
MONGOL_MALE = (
    "巴图",
    "苏和",
    "那顺",
    "孟克",
    "朝鲁",
    "额尔德尼",
    "布和",
    "斯日古楞",
    "阿拉坦",
    "乌力吉",
    "哈斯",
    "特木尔",
)
MONGOL_FEMALE = (
    "萨仁",
    "其其格",
    "乌云",
    "娜仁",
    "托娅",
    "高娃",
    "阿茹娜",
    "斯琴",
    "格日勒",
    "乌日娜",
    "塔娜",
    "萨日娜",
)
ENUMERATORS = ("乌兰", "刘晓梅", "巴雅尔", "张建军", "其木格", "王海燕", "孟根", "李志刚")
