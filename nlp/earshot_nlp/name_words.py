"""The words around people's names that tell a name from anything else: titles, roles, thanks, deeds, places.

All are lower case and without accents, as `names.tokens` gives words.
"""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STRONG_TITLES = _set("dr mr mrs ms mx prof professor docter docteur proffesor profesor proff cllr councillor capt sgt")
TITLES = _set(
    "nurse sister matron doctor midwife miss hca paramedic consultant reverend rev sir dame nurce nusre sistr siter "
    "matren midwive mis nyrs meddyg rabbi imam pastor deacon lieutenant col colonel major captain sergeant"
)
ROLES = _set(
    "aunt auntie uncle husband wife son daughter brother driver physio physiotherapist carer receptionist surgeon "
    "therapist student assistant pharmacist volunteer chaplain practitioner porter manager partner psychologist "
    "psychiatrist radiographer phlebotomist registrar colleague baby nan grandad hi hello dear recepcionist "
    "receptionst dietitian dietician osteopath podiatrist sonographer anaesthetist optometrist audiologist locum "
    "janitor cleaner secretary clerk interpreter advocate councellor counsellor brethren cousin nephew niece granny "
    "grandma grandpa nain taid nanna nana fiance boyfriend girlfriend granddaughter grandson sibling twin fr father"
)
OURS = _set("our me wor")
SAID = _set("is was named called names")
PERSON = _set(
    "name names nurse doctor lady man girl guy woman lad someone person member staff driver carer midwife paramedic "
    "receptionist son daughter wife husband mum dad boy gentleman hca sister one physio therapist locum cleaner "
    "porter student chap bloke fella volunteer surgeon consultant dietitian healthcare assistant"
)
JOBS = (ROLES | PERSON | TITLES) - _set("hi hello dear name names someone one major captain") | _set(
    "ot ots slt salt hcas nurses doctors paramedics domestic domestics housekeeper cook chef guard"
)
PLACES_OF_WORK = _set(
    "reception triage pharmacy physio desk ward icu a&e bloods x-ray xray radiology theatre recovery clinic unit "
    "surgery canteen kitchen security transport department dept team outpatients maternity audiology cardiology "
    "nights duty office pals switchboard gp front bar shop cafe chemo oncology dialysis phlebotomy admissions "
    "discharge lounge floor ed ae mri ct housekeeping stores volunteers endoscopy imaging crisis"
)
WHERE = _set("on in at to from of the a an near via ward like through pure such some any no")
"""After these a name that is a word as well is more often a ward, a place or the word."""
SIGNED = _set("regards sincerely faithfully signed wishes gratefully")
THANKS = _set("thanks thank thankyou especially particularly mention praise cheers credit kudos diolch ta")
LINKS = _set("to you also and both goes again for")
DOES = _set(
    "explained listened reassured helped introduced told said smiled sat held phoned rang visited treated greeted "
    "answered apologised advised cared deserves who noticed found washed took made brought changed weighed pushed "
    "kept hugged fixed sorted showed gave put came went stayed rushed shouted asked called checked cleaned repaired "
    "fitted operated saw did does always never talks talked spoke speaks sings sang worked works managed examined "
    "offered calmed cheered carried wheeled arranged booked arrived looked goes has had hurt tried knows"
)
TREATED = _set("seen treated helped assisted greeted examined supported called phoned visited told advised given done")
MANNER = _set("so very really extremely absolutely always especially incredibly truly particularly just such a an the")
MANNERS = _set("kind caring friendly helpful lovely patient gentle polite supportive rude dismissive amazing")
PRAISE = MANNERS | _set(
    "great brilliant fantastic wonderful superb excellent outstanding fab fabulous blessing star angel legend gem "
    "credit diamond darling delight best calm professional attentive abrupt short cold funny marvellous"
)
PLACES = _set(
    "hospital hospitals infirmary ward unit house centre center clinic surgery practice suite building wing "
    "university school college trust foundation hospice lodge court view park road street lane avenue drive close "
    "terrace hall library theatre theatres syndrome disease palsy lymphoma disorder stockings frame nurses scale "
    "score manoeuvre county council airport station society charity bar village town city medical health general "
    "infirmery ambulance barracks church chapel cathedral market festival football cup day night"
)
BEFORE_PLACES = _set("st saint king queen prince princess royal sts queens kings lake mount port")
BEFORE_LETTERS = _set(
    "vitamin hepatitis hep plan option ward bay bed block floor level zone entrance area building unit theatre "
    "group type grade side room clinic gate class band stage category section platform bus"
)
KEPT_WORDS = _set(
    "parkinson parkinsons crohn crohns alzheimer alzheimers macmillan macmillans hodgkin hodgkins huntington "
    "huntingtons tourette tourettes addison addisons cushing cushings hashimoto hashimotos sjogren sjogrens meniere "
    "menieres raynaud raynauds barrett barretts asperger aspergers zimmer hickman foley apgar hcas iv tia "
    "addenbrooke addenbrookes samaritans covid god jesus christ christmas easter google amazon zoom tesco asda "
    "boots bradford perthes korsakoff lewy downs graves whipple glasgow bristol redacted fft nhs gp icu hdu itu ccu "
    "sau mau amu eau ed ae cpn camhs iapt mri ct ecg coli diff difficile"
)
KEPT_PHRASES = re.compile(
    r"\b(?:marie curie|sue ryder|florence nightingale|john radcliffe|james cook|braxton hicks|guillain[- ]barr\w{1,3}|"
    r"guy['’]?s (?:and|&) st|st\.? (?:john|thomas|george|mary|james|bartholomew|helen|luke|peter|ann|barnabas|"
    r"michael|elizabeth|catherine|richard|christopher|margaret|andrew|joseph|oswald|cuthbert|giles|martin|nicholas)(?:['’]?s)?|"
    r"helen['’]s law|martha['’]s rule|oliver mcgowan|mother teresa|charing cross|jehovah['’]s|happy as larry|"
    r"(?:ronald|old) mcdonald\w{0,2}|tom,? dick (?:and|or|&) harry|joe (?:bloggs|public)|jack of all trades|"
    r"jekyll and hyde|bob['’]?s your uncle|fanny['’]?s your aunt|for pete['’]?s sake|charles bonnet|john lewis|"
    r"marks (?:and|&) spencers?|ben (?:and|&) jerry['’]?s|jamie oliver|harry potter|doc martens?|"
    r"in the nick of time|taking the mick(?:e?y)?|don(?:'|’)?t be silly billy)\b",
    re.IGNORECASE,
)
NEVER = KEPT_WORDS | STRONG_TITLES | TITLES
PARTICLES = _set("van der den de del della di da dos el al bin binti ibn la le ap mac o")
SURNAMES = _set(
    "abbott archer baker baldwin ball banks barber barker barrow beck bell bird bishop black bond booth bowler "
    "brook brooks brown buckle burns bush butcher butler butt carpenter carter chambers chandler chapman church "
    "cook cooper cross crow dale day dean dickens drake english farmer farrow field finch fisher fletcher flood "
    "flowers ford forester fowler fox french frost gardener gardiner gill glover golding goodman gray green grey "
    "griffin hale hammond hancock hardy harper hawk hayward hill holder holland hood hook hooper hunt hunter hurst "
    "hussain hyde jewel joiner judge kemp key king kirk knight lamb lake lane law lord love mace major manning "
    "marsh marshall mason mercer miles miller mills moon moore moss nash neal newman newton noble north nurse oakes "
    "page paine palmer parish parker parson parsons peacock pearl pepper perks pike piper pitt plant plumb pollard "
    "pond poole pope porter potter powell power prior pugh quick read reader reed reeve rice rich rivers robin rock "
    "rose rush salmon sanders savage saddler sawyer seal sharp sharpe shepherd shearer short silver singer skinner "
    "slater small smart smith snow sparrow spencer spicer squire stanford steel stern stone street stringer summers "
    "swallow swan swift tailor taylor thorn thorne tinker townsend trotter tucker turner tyler underwood wade "
    "walker wall waller wallis walls warren waters weaver webb webster wells west wheeler white whitehead wilde "
    "wilder winter winters wise wolf wood woodward woods wright yates york young"
)
"""Surnames that are words as well: names after a title, or in capitals after a first name."""
VERBS = _set("will may mark hope bill grant chase rob sue drew pat art lance dash skip")
"""Names that, after somebody's title or before "the", are more often something done."""
WORDY = VERBS | _set(
    "abbey amber angel april aria august aurora autumn bay beau berry bethel bless blessing bliss blue brandy brook "
    "buck charity cherry chip christian clay cliff comfort coral crystal cruz dale dawn dean dell destiny diamond "
    "dick don dot duke earl ebony eve faith favour felicity fern flora frank gale gay gene gift ginger glad glory "
    "goodness grace guy hall harmony haven hazel heather henna hind holly honey hunter innocent ion iris ivy jade "
    "jay jet joy june junior king lane laurel lavender les liberty lien lily lucky mason mat max melody mercy merry "
    "miles min ming misty moll myrtle nadir nan nana noble non norm nova ocean olive page peace pearl phoenix pink "
    "pinky piper poppy prince precious prudence purity queen rain ram randy raven ray reed rehab reign rich ringer "
    "river robin rocky rod roman romeo rose rosemary rowan rusty sage said saint sand sandy savannah scout shade "
    "shaggy shell sherry sky sol sonny spud star sterling storm sultana summer sunday tam tamer tatty tel ting tone "
    "trace trinity unity vale valentine van verity vi victoria viola violet wale wing winsome winter wolf wood "
    "woody wren yang zed tad tally patience penny basil clement arnold jack jean hank dee bee bing ally roe kit cal "
    "amen art lea constance ness carol"
)
"""Names that in lower case are nearly always something else."""
SELDOM = _set(
    "april may june august sunday summer winter autumn christian india asia paris chelsea lincoln chester carlisle "
    "preston stafford devon kent trinidad king queen prince duke saint angel charity hall bay page star trinity "
    "unity harmony liberty haven jesus lourdes virginia victoria florence austin madison israel orlando milton "
    "dakota brooklyn adelaide carolina arnold bradley trent washington santiago lane ocean river sky wood blue "
    "roman romany nova destiny vale dale glen brook apollo phoenix nelson newton kelvin conrad aston santos "
    "lavender laurel willow rowan hazel oak fern heather holly magdalene abbey earl noble happy lucky saba ram mini "
    "van sol ion max tyne bede tudor"
)
"""Names that in capitals are more often a month, a place, a feast or a ward."""
ENGLISH_END = re.compile(
    r"(?:ed|ing|ly|[ts]ion|ment|ent|ance|ence|able|ible|ful|ness|ity|ous|ive|ist|ists|ology|ies|tic|ical|less|ward|work)$"
)
"""Endings of English words: a word that no list knows and that ends so is misspelt, more often than a name."""
