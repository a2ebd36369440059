"""Hold what the demo's latents respond to: themes, each with its words and the sentences they stand in."""

from typing import NamedTuple


class Theme(NamedTuple):
    """One concept: a loose and an exact name, where it stands, its words, sentences with a `{}` for them."""

    broad: str
    exact: str
    where: str
    words: tuple[str, ...]
    sentences: tuple[str, ...]


def read_themes() -> list[Theme]:
    """Return the themes of the text below, in its order."""
    themes = []
    for block in THEMES.strip().split("\n\n"):
        names, words, *sentences = block.splitlines()
        broad, exact, where = names.split(" | ")
        themes.append(Theme(broad, exact, where, tuple(words.split()), tuple(sentences)))
    return themes


# Sentences that any theme's sentence may follow or precede.
NEUTRAL = (
    "The first part is easy to follow.",
    "Most of the people came on foot.",
    "There is more to say on this.",
    "It took them a long time.",
    "A small table stood in the café.",
    "No one else was in the room.",
    "“So it goes”, as the story says.",
    "Read the next page for details.",
    "The whole thing took an hour.",
    "We can learn from both of them.",
    "Some of it is still in use.",
    "The second half is much longer.",
    "You may want to look again.",
    "Others came to the same view.",
    "Here are the things to keep.",
    "The answer was on the list.",
)

# A paragraph per theme: broad | exact | where, then its words, then its sentences.
THEMES = """
numbers | four-digit years | in dates of events
1848 1912 1939 1945 1968 1987 1999 2008
The treaty was signed in {} after long talks.
Born in {}, she grew up in Leeds.
By {} it had closed.

dates | names of months | before a day or a year
January March April June July August October May
The school opens again on {} 12 at noon.
Since last {} the price rose.
In early {}, snow fell.

days | days of the week | in notices and schedules
Monday Tuesday Wednesday Thursday Friday Sunday
The library is closed on {} until noon.
Every {} we met at the bridge.
See you next {}, then.

code | Python keywords | at the start of a statement
def return import class yield lambda while with
The line begins with {} in the source file:
>>> {} x = f(y)
Use the keyword `{}` in a function.

legal text | legal terms | in contracts and rulings
plaintiff statute appeal verdict clause court
The {} was read before the judge.
Under the {} no damages are due.
See the {} of section 4.

negative words | negation | before a verb or an adjective
not never nothing cannot neither without
It was {} clear what they wanted.
They had {} seen the sea.
He said {} about the money.

animals | farm animals | as the subject of a sentence
cow sheep goat horse pig hen donkey duck
A {} stood by the old gate.
The farmer sold his {} at the fair.
One {} had crossed the road.

birds | names of wild birds | in notes on nature
heron robin sparrow owl falcon swallow wren crane
A {} nested under the roof.
We saw the {} again at dawn.
The song of the {} is short.

places | European capitals | in news and travel
Paris Rome Vienna Lisbon Oslo Warsaw Madrid Athens
The train to {} leaves at nine.
Officials in {} welcomed the plan.
She moved to {} as a student.

water | bodies of water | in descriptions of land
river lake bay canal strait ocean stream lagoon
The path follows the {} for a mile.
Boats crossed the {} at night.
North of the {} lies a town.

weather | kinds of bad weather | in forecasts
storm fog hail frost snow thunder drizzle flood
Expect {} in the north by evening.
The {} lasted for two days.
After the {} the road was shut.

colours | names of colours | before a noun
red blue green yellow purple orange grey white
She wore a {} coat to work.
Paint the door {} and the wall black.
The {} light came on.

food | cooking verbs | in steps of a recipe
stir simmer bake chop whisk drain fry season
Then {} the onions until soft.
Add salt and {} for ten minutes.
Next, {} it in a large bowl.

food | spices and herbs | in lists of ingredients
basil cumin thyme pepper saffron ginger mint dill
Add a pinch of {} and the rice.
Fresh {} goes in at the end.
The soup tastes of {} and lemon.

sport | words for scoring | in match reports
goal penalty point try basket wicket touchdown run
He scored a {} in the last minute.
The second {} decided the game.
One more {} and they lead.

music | musical instruments | in concert reviews
violin piano flute cello trumpet guitar harp oboe
She plays the {} in a trio.
A solo for {} opens the work.
The {} was tuned before the show.

medicine | symptoms of illness | in advice for patients
fever cough rash nausea fatigue headache pain
Call a doctor if the {} lasts.
Patients with {} should rest.
Common signs are {} and chills.

the body | parts of the body | in accounts of injuries
knee shoulder wrist ankle elbow hip neck back
He hurt his {} on the stairs.
Keep the {} straight as you bend.
The pain in the {} went away.

science | particles of physics | in textbooks
electron proton neutron photon quark muon neutrino
The mass of the {} is known.
Each {} carries a charge or none.
A {} was seen in the detector.

chemistry | chemical elements | beside amounts and reactions
oxygen carbon iron sodium zinc copper neon
A compound of {} and chlorine forms.
The sample held traces of {}.
Heat the {} in a tube.

mathematics | words of proof | in mathematical prose
lemma theorem proof corollary axiom conjecture
The {} follows from the claim above.
We now state the main {}.
By the {} of section 2, x = 0.

amounts | units of length | after a number
miles metres feet inches yards kilometres leagues
The wall is 40 {} long.
They walked 12 {} that day.
It stands 300 {} above the sea.

money | names of currencies | after an amount
dollars euros pounds yen francs rupees pesos crowns
It costs 20 {} a night.
A fine of 500 {} was paid.
They raised two million {} in May.

business | words of company reports | in financial news
revenue profit dividend shares earnings loss
The firm reported {} of 3 percent.
Analysts expect {} to fall.
Higher {} came from exports.

politics | words of elections | in political news
ballot vote campaign candidate poll turnout seat
The {} was close in the east.
Each {} is counted by hand.
Her {} began in a small town.

family | words for relatives | in stories of family life
mother brother aunt cousin uncle niece son
My {} taught me to swim.
His {} wrote every week.
She lived with her {} by the sea.

feelings | words of fear | in fiction
afraid terror dread panic scared fright alarm anxious
There was {} in her voice.
He felt {} at the thought of it.
A look of {} crossed his face.

feelings | words of joy | in letters and diaries
happy delight joy glad cheerful pleased smile
We were full of {} that night.
Such {} is rare in winter.
The news made them {} again.

speech | verbs of speaking | after a quotation
said replied asked whispered shouted muttered added
"Not today," she {}.
"Come in," he {} at last.
"Why?" the boy {} twice.

links between sentences | contrast markers | at the start of a clause
but however although yet despite
It was late, {} they went on.
The plan, {} short, was good.
Cheap, {} it works well.

reasons | words that give a cause | between two clauses
because since therefore hence thus so due
We stayed, {} it was raining.
They left {} the road was open.
The result is, {}, the same.

hedging | words of doubt | in careful writing
perhaps maybe possibly probably apparently likely
It was {} the oldest house.
This is {} too simple.
The letter is {} a copy.

plants | kinds of tree | in descriptions of land
oak pine birch willow maple elm cedar ash
An old {} shades the yard.
The {} lost its leaves early.
They cut the {} down in spring.

buildings | religious buildings | in guides to towns
church temple mosque chapel abbey shrine cathedral
The {} dates from the tenth century.
Behind the {} is a garden.
A bell rang in the {} at six.

travel | vehicles | in reports of journeys
train bus ferry lorry tram bicycle taxi truck
The {} was an hour late.
They took a {} to the coast.
A {} blocked the narrow street.

computers | words of networks | in technical help
server router packet socket proxy port firewall
Restart the {} and try again.
The {} did not answer in time.
Check the {} in the settings.

web pages | HTML tags | in markup
div span table img href head body form
Close the <{}> tag on line 9.
<{} id="main">
Put it inside the <{}> of the page.

war | military ranks | before a surname
general captain colonel sergeant major lieutenant admiral
The {} gave the order at dawn.
A letter to the {} was found.
He rose to {} in a year.

clothes | items of clothing | in descriptions of people
coat hat scarf gloves shirt boots jacket dress
He left his {} in the hall.
A wet {} hung by the fire.
She sewed a {} for the play.
"""
