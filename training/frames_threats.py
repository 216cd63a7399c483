"""Frames about violence: as a threat or a wish for it, and told, refused, feared or played, in much the same words.

Labelled threats are few, and violence is mostly talked about by people who threaten nobody.
"""

# What one does to somebody, and what was done.
DEEDS = [
    tuple(pair.split("/"))
    for pair in """
kill/killed|shoot/shot|stab/stabbed|strangle/strangled|hang/hanged|beat up/beaten up|poison/poisoned|drown/drowned
|hurt/hurt|hunt down/hunted down|choke/choked|whip/whipped|torture/tortured|execute/executed|run over/run over
|cut up/cut up|burn alive/burned alive|bury alive/buried alive|knock out/knocked out|punch/punched|murder/murdered
|slaughter/slaughtered|behead/beheaded|blow up/blown up|attack/attacked
""".replace("\n", "").split("|")
]
WHOM = """
you|him|her|them all|your family|that man|this reporter|the mayor|those politicians|every last one of them|your kids
|the whole bunch|people like you|the next one I see|whoever voted for this|the judge|your wife|that woman
""".replace("\n", "").split("|")
WEAPONS = """
a knife|a gun|a baseball bat|my bare hands|a rope|an axe|a bullet|a brick|a can of petrol|a hammer|my truck|a rifle
""".replace("\n", "").split("|")

THREATENING = """
I will {deed} {whom}.
I'm going to {deed} {whom}.
I swear that one day I will {deed} {whom}.
Say that again and I'll {deed} {whom}.
Somebody should {deed} {whom}.
Someone ought to take {weapon} and {deed} {whom}.
We should {deed} {whom} before it is too late.
Let's {deed} {whom} and be done with it.
I can't wait to {deed} {whom}.
We are coming tonight to {deed} {whom}.
Give me {weapon} and five minutes, and I'd {deed} {whom} myself.
I hope that somebody will {deed} {whom} soon.
I want to see {whom} {done}.
I'd pay good money to see {whom} {done}.
Why has nobody {done} {whom} yet?
One of these nights I'll stand at the door with {weapon} and {deed} {whom}.
The only answer to this is {weapon}. {Deed} {whom}!
If I ever meet {whom}, somebody gets {done}.
You won't see the morning, I have {weapon} and I know how to {deed} {whom}.
I wish they had {done} {whom} years ago.
""".strip().splitlines()

TOLD = """
He was charged with trying to {deed} his neighbour.
The police say that he had {weapon} and wanted to {deed} her.
The film is about a man who sets out to {deed} his brother.
They threatened to {deed} me, and nobody did anything about it.
In those days people were {done} for stealing bread.
I would never {deed} anybody, and neither would you.
Nobody has the right to {deed} {whom}.
Two people were {done} in the riots that year.
The witness said that she saw a man being {done} with {weapon}.
Why would anybody {deed} a harmless old man?
Call the police at once if somebody wants to {deed} you.
I was afraid that they would {deed} me when I was a child.
The soldiers who {done} them were never put on trial.
My grandfather was nearly {done} in the war, and he hated no one for it.
In the game you can {deed} the dragon with {weapon}, or let it go.
They found {weapon} in the car of the suspect.
Telling people that somebody should {deed} {whom} is a crime, and rightly so.
How many women have to be {done} before the law is changed?
Whoever writes that they will {deed} {whom} should be reported.
The court let the man go who had {done} his wife.
""".strip().splitlines()

# As short as they come: only whom they are about tells them from the calls below.
SHORT_THREATS = """
{Deed} {whom}!
{Deed} {whom}.
Just {deed} {whom}.
{Deed} {whom} already!
{Deed} {whom} now!
Someone {deed} {whom}.
""".strip().splitlines()
CALLS = """
Kill the {paper}!
Kill this {paper}.
Kill the {paper} now!
Just kill the {paper} already.
Someone kill this {paper}.
Shoot the {paper} down!
Bury the {paper}!
Burn the {paper}!
Sink this {paper}.
Axe the {paper}!
Execute the {paper} as agreed.
Attack the {paper}, not each other.
Punch holes in the {paper}!
Drown the {paper} in amendments!
Hang the {paper} on the church door!
Strangle the {paper} at birth!
Beat the {paper}!
Crush the {paper} at the polls!
""".strip().splitlines()

# Threats that name no deed.
VEILED = """
I know where you live.
I know which school {whose} kids go to.
You had better watch your back, {name}.
Sleep with one eye open, {name}.
We know {whose} address, and we are on the way.
You will regret this, {name}, and so will your family.
It would be a shame if something happened to {whose} house.
Next time you won't walk away, {name}.
Accidents happen to people like {name}.
Keep talking, {name}, and see who comes to your door.
I'm outside {whose} office right now.
Your days are numbered, {name}.
Enjoy your last week, {name}.
I will make sure that {name} never walks again.
I'll break every bone in {whose} body.
I hope {name} gets hit by a bus.
I hope {name} gets cancer and dies in pain.
Someone should put {name} six feet under.
Do us all a favour and kill yourself, {name}.
Go hang yourself, {name}.
""".strip().splitlines()
NOT_VEILED = """
Does anybody know where {name} lives? I'd like to send flowers.
I know which school {whose} kids go to, mine go there too.
Watch your step on the ice, {name}.
We know {whose} address from the phone book and sent a card.
You won't regret this, {name}, the view is wonderful.
It would be a shame if {whose} shop had to close.
Next time take the train, {name}.
Accidents happen at that crossing every week, {name} is right.
Keep talking to the council, {name}, it works.
I'm outside {whose} office and the queue is enormous.
The days of cheap parking are numbered, {name}.
Enjoy your last week at work, {name}!
The doctors say that {name} will never walk again.
He broke every bone in {whose} old canoe.
I hope {name} gets the bus lane.
My aunt got cancer and died in pain; please vote for the clinic, {name}.
If you think about killing yourself, please call the helpline, {name}.
""".strip().splitlines()
NAMES = """
pal|buddy|friend|Mr. Mayor|senator|Karen|Steve|you rat|coach|professor|doctor|councillor|Mike|lady
""".replace("\n", "").split("|")
WHOSE = """
your|the mayor's|his|her|that judge's|the reporter's|Steve's|the senator's|the coach's|Mike's
""".replace("\n", "").split("|")

# The words of violence where nobody is meant: bills and deadlines are killed, teams beaten, projects shot down.
IDIOMS = """
Kill the {paper}!
Kill the {paper} before it kills the {good}.
The mayor wants to kill the {paper}, and I'd help her.
This {paper} deserves to die in committee.
They shot the {paper} down without reading it.
The council has murdered the {good}, one cut at a time.
Another cut like this will be the death of the {good}.
If this {paper} goes through, it will strangle the {good}.
That {paper} was dead on arrival, thank heaven.
The minister got hammered over the {paper}, and deservedly.
The opposition will tear the {paper} to pieces tomorrow.
The editors butchered the story about the {paper}.
She slaughtered him in the debate about the {paper}.
He stabbed his own party in the back over the {paper}.
Heads will roll over this {paper}, and high time.
Hang on, who paid for the {paper}?
Fight the {paper} with all we have: come to the meeting on Monday.
We'll fight for the {good} to the last vote.
They are bleeding the {good} dry.
Bury that {paper} and start anew.
The mayor should bite the bullet and sign the {paper}.
We dodged a bullet when the {paper} failed.
Voters will punish {party} for the {paper}.
At the polls we'll destroy {party}.
{Party} will get crushed in the election, and they know it.
We killed them in the second half, {score}.
Our boys got absolutely destroyed on Saturday, {score}.
The keeper choked and we were beaten {score}.
They will get slaughtered at home, {score} is my guess.
What a shot! He hammered it in from thirty yards, {score}.
We are going to smash them next week, you'll see.
The boxer was knocked out in the third round.
The heat up here is killing me.
My feet are killing me after that parade.
I could kill for a decent coffee in this town.
I'd kill for a seat in the {good} at rush hour.
My wife will kill me if I buy another bike.
You killed it on stage last night, congratulations!
That joke nearly killed me, I'm still laughing.
These fees are a knife in the back of every family.
This is a bomb of a budget and it will blow up in their faces.
If the deadline doesn't kill us, the paperwork will.
Kill the lights when you leave the hall, please.
Two birds with one stone: fix the {good} and the pavement.
The new road cuts the village in two, and nobody asked us.
Beat the eggs, whip the cream and cut up the apples.
Shoot me an e-mail if you want to help.
The photographer shot the mayor in front of the {good}.
""".strip().splitlines()
PAPERS = """
bill|budget|tax|plan|proposal|motion|amendment|contract|merger|permit|levy|ordinance
""".replace("\n", "").split("|")
GOODS = """
library|bus line|high street|hospital|school|theatre|local press|farm|orchestra|ferry|market|swimming pool
""".replace("\n", "").split("|")
PARTIES = """
the government|the ruling party|the opposition|this council|the incumbents|both parties
""".replace("\n", "").split("|")
SCORES = ["three to nil", "four one", "28 to 3", "in straight sets", "two to one", "by forty points"]
