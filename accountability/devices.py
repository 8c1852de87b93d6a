"""设备: a browser's own words about itself, as people call it."""

# The first that fits; what claims to be another (Edge says Chrome, Chrome says Safari) stands before it.
BROWSERS = (
    ("wxwork", "企业微信"), ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"), ("QQBrowser", "QQ 浏览器"),
    ("360SE", "360 浏览器"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("Android", "安卓"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Kylin", "麒麟"), ("UOS", "统信"), ("Linux", "Linux"),
)  # fmt: skip
UNKNOWN = "未知设备"


def device_of(user_agent: str) -> str:
    """Chrome · Windows; 未知设备 for what nobody knows."""
    said = [next((word for mark, word in names if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, said)) or UNKNOWN
