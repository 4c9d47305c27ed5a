"""Which given names stand for which: the usual English ones, for tills where Robert is Bob on a busy day.

Short names that stand for several (Alex, Sam, Chris, Pat) agree with each of these; Alexander and Alexandra do not.
"""

from __future__ import annotations

from collections.abc import Mapping

SHORT_FOR = """
abby abigail
abe abraham
al albert alan alfred alexander
alex alexander alexandra alexis
alf alfred
andy andrew
angie angela
archie archibald
art arthur
barb barbara
becky rebecca
ben benjamin benedict
bernie bernard bernadette
bert albert robert herbert gilbert
beth elizabeth bethany
betty elizabeth
bill william
billy william
bob robert
bobby robert
brad bradley
cam cameron
carrie caroline
cathy catherine
charlie charles charlotte
chris christopher christine christina christian
chrissy christine christina
chuck charles
cindy cynthia
connie constance
dan daniel
danny daniel
dave david
deb deborah
debbie deborah
dick richard
dom dominic
don donald
dot dorothy
doug douglas
drew andrew
ed edward edmund edwin edgar
eddie edward edmund edwin
ellie eleanor ellen elizabeth
eve evelyn
fran francis frances
frank francis franklin
fred frederick alfred
gabe gabriel
gail abigail
gene eugene
geoff geoffrey
gerry gerald gerard
ginny virginia
greg gregory
gus augustus
hank henry
harry henry harold
herb herbert
jack john
jake jacob
jamie james
jan janet janice
jeff jeffrey geoffrey
jen jennifer
jenny jennifer
jerry gerald jerome jeremy
jess jessica
jim james
jimmy james
jo joanne josephine joanna
joe joseph
joey joseph
johnny john
jon jonathan
josh joshua
judy judith
kate catherine
kathy catherine
katie catherine
ken kenneth
kim kimberly
larry lawrence
len leonard
leo leonard leonardo leopold
lexi alexandra alexis
lou louis louise
liz elizabeth
lizzie elizabeth
maggie margaret
mandy amanda
marge margaret
matt matthew
max maxwell maximilian
meg margaret megan
mel melanie melissa melvin
mick michael
mike michael
mickey michael
mo maurice maureen
molly mary
nate nathan nathaniel
nick nicholas
nicky nicholas nicole
norm norman
pam pamela
pat patrick patricia
patty patricia
peg margaret
peggy margaret
penny penelope
pete peter
phil philip
rafe ralph
ray raymond
reg reginald
rich richard
rick richard
rob robert
robbie robert
ron ronald
ronnie ronald veronica
rosie rose rosemary
russ russell
sally sarah
sam samuel samantha
sandy alexander alexandra sandra
shelly michelle
stan stanley
steph stephanie
steve stephen
sue susan
suzie susan
ted edward theodore
terry terence teresa
tess teresa
theo theodore
tim timothy
tina christina
toby tobias
tom thomas
tommy thomas
tony anthony
tori victoria
tricia patricia
val valerie
vern vernon
vicki victoria
vicky victoria
vince vincent
viv vivian
walt walter
wendy gwendolyn
will william
winnie winifred
zach zachary
"""
"""Short name, then all that it stands for."""
SPELT = """
catherine katherine kathryn catharine
deborah debra
elizabeth elisabeth
eric erik
geoffrey jeffrey
jon john
lawrence laurence
marc mark
nicholas nicolas
philip phillip
sarah sara
sean shaun shawn
stephen steven
susan suzanne
teresa theresa
"""
"""One name, spelt in several ways."""


def _table() -> Mapping[str, frozenset[str]]:
    spelt = {name: names[0] for names in map(str.split, SPELT.strip().splitlines()) for name in names}
    lines = {line.split()[0]: line.split() for line in SHORT_FOR.strip().splitlines()}
    short_for = {short: frozenset(spelt.get(each, each) for each in names) for short, names in lines.items()}
    return {name: frozenset({first}) for name, first in spelt.items()} | short_for


STANDS_FOR = _table()
"""Name -> the names that it stands for; what is not here stands for itself."""
