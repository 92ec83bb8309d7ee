"""Two hundred texts that try to become a programme wherever they are shown: fifty ways in, each behind four openings.

Each calls `hit()`. The ways follow OWASP's cheat sheet of XSS filter evasion, mutation attacks on sanitisers, and
the languages that our own templates, mails, reports and tables are written in.
"""

from __future__ import annotations

WAYS = (
    "<script>hit()</script>",
    '<img src=x onerror="hit()">',
    "<img src=x onerror=hit()//",
    "<svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s></svg>",
    "<svg><a xlink:href=javascript:hit()><text y=20>hit()</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()></style></mglyph></table></mtext></math>",
    "<math href=javascript:hit()>hit()</math>",
    '<a href="javascript:hit()">hit()</a>',
    '<a href=" jav&#x09;ascript:hit()">hit()</a>',
    '<a href="data:text/html,<script>hit()</script>">hit()</a>',
    "javascript:hit()",
    "data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg== hit()",
    '<iframe src="javascript:hit()"></iframe>',
    '<iframe srcdoc="<script>hit()</script>"></iframe>',
    '<object data="javascript:hit()"></object>',
    '<embed src="javascript:hit()">',
    "<body onload=hit()>",
    "<input autofocus onfocus=hit()>",
    "<select autofocus onfocus=hit()>",
    "<textarea autofocus onfocus=hit()>",
    "<details open ontoggle=hit()>",
    "<video><source onerror=hit()></video>",
    "<audio src=x onerror=hit()>",
    "<marquee onstart=hit()>",
    '<form action="javascript:hit()"><button>hit()</button></form>',
    '<button formaction="javascript:hit()">hit()</button>',
    '<base href="javascript:hit()//">',
    '<meta http-equiv="refresh" content="0;url=javascript:hit()">',
    '<link rel=stylesheet href="data:text/css,*{background:url(javascript:hit())}">',
    "<style>@import 'javascript:hit()';</style>",
    '<div style="width:expression(hit())">hit()</div>',
    '<div style="background:url(javascript:hit())">hit()</div>',
    '<noscript><p title="</noscript><img src=x onerror=hit()>"></noscript>',
    "<template><script>hit()</script></template>",
    "<x onclick=hit() tabindex=1 autofocus onfocus=hit()>hit()</x>",
    "{{constructor.constructor('hit()')()}}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }} hit()",
    "{% for x in () %}hit(){% endfor %}",
    "${hit()}",
    "<%= hit() %>",
    '#{hit()} #eval("hit()") #link("javascript:hit()")[hit()]',
    "$hit()$ \\href{javascript:hit()}{hit()} @hit()",
    "[hit()](javascript:hit())",
    "<mj-raw><script>hit()</script></mj-raw>",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "&#60;img src=x onerror=hit()&#62;",
    "%3Cscript%3Ehit()%3C/script%3E",
    "\u202e<img src=x onerror=hit()>\u200b\ufeff",
)
OPENINGS = (
    "{}",
    "\"'>{}",
    "';hit();//\\';hit()--></textarea></title></style></script></noscript>]]>{}",
    '=HYPERLINK("javascript:hit()","hit()")\t`{}`',
)
PAYLOADS = tuple(opening.replace("{}", way, 1) for way in WAYS for opening in OPENINGS)
assert len(set(PAYLOADS)) == 200
