"""Well-known sites that an office visits, with the names a page of each draws in.

Real names of everyday services, used only as benign background; their addresses in a drill's
capture are documentation addresses.
"""

from __future__ import annotations

from typing import Final

# Site, and the names that its pages fetch from.
SITES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("www.baidu.com", ("pss.bdstatic.com", "hectorstatic.baidu.com", "hm.baidu.com")),
    ("www.qq.com", ("mat1.gtimg.com", "inews.gtimg.com", "pingfore.qq.com")),
    ("news.sina.com.cn", ("n.sinaimg.cn", "i0.sinaimg.cn", "beacon.sina.com.cn")),
    ("www.163.com", ("static.ws.126.net", "cms-bucket.ws.126.net")),
    ("www.gov.cn", ("www.gov.cn", "tongji.www.gov.cn")),
    ("www.cac.gov.cn", ("www.cac.gov.cn",)),
    ("www.beijing.gov.cn", ("www.beijing.gov.cn", "tysp.beijing.gov.cn")),
    ("www.moe.gov.cn", ("www.moe.gov.cn",)),
    ("www.nhc.gov.cn", ("www.nhc.gov.cn",)),
    ("www.people.com.cn", ("www.people.com.cn", "tools.people.com.cn")),
    ("www.xinhuanet.com", ("www.xinhuanet.com", "lib.xinhuanet.com")),
    ("www.12306.cn", ("www.12306.cn", "mobile.12306.cn")),
    ("mail.qq.com", ("res.mail.qq.com", "mail.qq.com")),
    ("www.zhihu.com", ("static.zhihu.com", "pic1.zhimg.com", "pica.zhimg.com")),
    ("www.jd.com", ("misc.360buyimg.com", "img11.360buyimg.com", "wl.jd.com")),
    ("www.taobao.com", ("g.alicdn.com", "img.alicdn.com", "log.mmstat.com")),
    ("www.bilibili.com", ("s1.hdslb.com", "i0.hdslb.com", "api.bilibili.com")),
    ("www.csdn.net", ("csdnimg.cn", "g.csdnimg.cn")),
    ("cn.bing.com", ("r.bing.com", "th.bing.com", "login.live.com")),
    ("www.office.com", ("res-1.cdn.office.net", "login.microsoftonline.com")),
    ("github.com", ("github.githubassets.com", "avatars.githubusercontent.com")),
    ("map.baidu.com", ("webmap0.bdimg.com", "api.map.baidu.com")),
    ("fanyi.baidu.com", ("fanyi-cdn.cdn.bcebos.com",)),
    ("www.wps.cn", ("ac.wps.cn", "kdocs.cn", "img1.kdocs.cn")),
    ("docs.qq.com", ("docs.gtimg.com", "docs.qq.com")),
    ("wx.qq.com", ("res.wx.qq.com", "short.weixin.qq.com")),
    ("www.chsi.com.cn", ("t1.chei.com.cn",)),
    ("www.cnki.net", ("piccache.cnki.net",)),
    ("www.iqiyi.com", ("stc.iqiyipic.com", "msg.qy.net")),
    ("www.ithome.com", ("img.ithome.com",)),
)

# Sites and parts that answer over IPv6 as well.
SIX_SITES: Final = (
    "www.baidu.com",
    "www.qq.com",
    "www.taobao.com",
    "g.alicdn.com",
    "www.gov.cn",
    "cn.bing.com",
    "www.bilibili.com",
    "img.alicdn.com",
    "mat1.gtimg.com",
    "res.wx.qq.com",
)

# Names that content networks and clouds hand out: long, and harmless.
LONG_NAMES: Final[tuple[str, ...]] = (
    "e6858.dsce9.akamaiedge.net",
    "a1916.dscg2.akamai.net",
    "wildcard.weixin.qq.com.edgekey.net",
    "cl-glcb907925.globalcdn.co",
    "prod-azurecdn-akamai-iris.azureedge.net",
    "star-mini.c10r.facebook.com",
    "v10.events.data.microsoft.com.aria.akadns.net",
    "d1a3f4spazzrp4.cloudfront.net",
    "waws-prod-hk1-b2f5a2d1.sip.p.azurewebsites.windows.net",
    "gslb-ngb-3f8a1c72.alikunlun.com",
    "ins-fj0m1nnc.ias.tencent-cloud.net",
    "7b6e1c4a9d0f4f5b8c21.cdn.bcebos.com",
)

# What Windows and common software ask on their own, and each how often (s).
POLLED: Final[tuple[tuple[str, float, str, int, int], ...]] = (
    # name, seconds, stack, bytes up, bytes down
    ("settings-win.data.microsoft.com", 1500.0, "schannel", 820, 5200),
    ("v10.events.data.microsoft.com", 900.0, "schannel", 3100, 640),
    ("slscr.update.microsoft.com", 2400.0, "schannel", 2900, 9800),
    ("config.pinyin.sogou.com", 1200.0, "openssl", 480, 1500),
    ("work.weixin.qq.com", 240.0, "openssl", 420, 260),
)
