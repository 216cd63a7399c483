"""Frames about people: who they are, in everyday sentences, in attacks, in what is refused and what is no threat."""

# one of them, many of them, as an adjective
IDENTITIES = tuple(
    tuple(part.strip() for part in line.split("|"))
    for line in """
a gay man | gay people | gay
a lesbian | lesbians | lesbian
a bisexual woman | bisexual people | bisexual
a trans woman | trans people | trans
a trans man | trans men | transgender
a queer artist | queer people | queer
a straight man | straight people | straight
a woman | women | female
a man | men | male
a feminist | feminists | feminist
a Muslim | Muslims | Muslim
a Jew | Jews | Jewish
a Jewish woman | Jewish people | Jewish
a Christian | Christians | Christian
a Catholic | Catholics | Catholic
a Hindu | Hindus | Hindu
a Buddhist | Buddhists | Buddhist
a Sikh | Sikhs | Sikh
an atheist | atheists | atheist
a Mormon | Mormons | Mormon
a Black man | Black people | Black
a Black woman | Black women | Black
an African | Africans | African
an African American | African Americans | African-American
a white man | white people | white
an Asian woman | Asians | Asian
a Chinese student | Chinese people | Chinese
an Indian | Indians | Indian
a Pakistani | Pakistanis | Pakistani
an Arab | Arabs | Arab
a Mexican | Mexicans | Mexican
a Latina | Latinos | Latino
a Hispanic man | Hispanic people | Hispanic
a Native American | Native Americans | Native American
an Aboriginal woman | Aboriginal people | Aboriginal
a Roma family | Roma people | Roma
an immigrant | immigrants | immigrant
a refugee | refugees | refugee
a foreigner | foreigners | foreign
a Polish plumber | Poles | Polish
a Russian | Russians | Russian
an Irish man | Irish people | Irish
a Turk | Turks | Turkish
a disabled person | disabled people | disabled
a blind person | blind people | blind
a deaf man | deaf people | deaf
an autistic boy | autistic people | autistic
a wheelchair user | people in wheelchairs | paralysed
an old woman | old people | elderly
a teenager | young people | young
a homosexual man | homosexuals | homosexual
a heterosexual man | heterosexuals | heterosexual
a gay couple | gays | gay
a lesbian couple | gay women | lesbian
a transgender person | transgender people | transgender
a nonbinary student | nonbinary people | nonbinary
a girl | girls | female
a black person | blacks | black
a white person | whites | white
a migrant | migrants | migrant
an American | Americans | American
a Canadian | Canadians | Canadian
a European | Europeans | European
a Japanese woman | Japanese people | Japanese
a Middle Eastern man | Middle Eastern people | Middle Eastern
an Israeli | Israelis | Israeli
a Palestinian | Palestinians | Palestinian
a Syrian | Syrians | Syrian
a Protestant | Protestants | Protestant
a Muslim woman | Muslim women | Muslim
a paralyzed man | paralyzed people | paralyzed
a mentally ill person | mentally ill people | mentally ill
a middle-aged woman | middle-aged people | middle-aged
a poor man | poor people | poor
""".strip().splitlines()
)

EVERYDAY = """
My neighbour is {one} and we walk our dogs together.
I am {one} and I have lived here for twelve years.
{many} have run the bakery on our street since I was small.
The new head teacher is {one}, and my kids adore her.
I'm proud to be {adj}.
Our {adj} choir sings in the town hall on Friday.
Half of my colleagues are {many} and nobody gives it a thought.
My best friend at school was {one}.
As {one} I would have liked the article to quote somebody like me.
{many} pay taxes like everybody else.
The survey asked 400 {many} about the new bus line.
There is a museum of {adj} history on the square, go and see it.
She wrote a novel about {one} who becomes a judge.
He married {one} last summer; it was a lovely wedding.
Are there any figures on how many {many} voted?
I grew up in {adj} surroundings and moved to the coast later.
{many} deserve the same respect as everyone else.
The nurse who looked after my father was {one}.
What do {many} here think about the proposal?
Good for them, the {adj} community has waited long enough for this centre.
I met {one} on the train and we talked about football all the way.
{many} are welcome in our club, as is everybody.
Please could the paper report more on {adj} writers?
The mayor, {one}, opened the new library this morning.
My daughter is {one}. So what?
Most {many} I know cheer for the other team, sadly.
{many} and their friends cleaned up the park on Saturday.
I teach {many} to swim, and they teach me patience.
The {adj} candidate answered every question calmly.
Being {adj} is just one thing about me.
It's great to see {many} on the council at last.
I wish more {many} would apply for these jobs.
I am {adj}.
{many} are great.
I love {many}.
Hello, {one} here, how is everybody?
A {adj} man sat down next to me on the bus.
You are {one}, aren't you?
Is the {adj} guy from accounting in today?
Equal rights for {many}!
The {adj} vote decided the election.
{many} make good parents.
{many} live next door.
I am dating {one}.
Our son is {adj} and we love him as he is.
What do you think of {many}?
Who is the {adj} woman in the second photograph?
I like {many} and they like me.
{many} built this town.
I would vote for {one} any day.
God bless {many}.
A big hug to all {many} out there.
The section about {many} needs a source.
I added a category for {adj} actors.
The article says that she is {adj}; is there a source for that?
Please don't remove the paragraph about {many} before we have talked about it.
This page should say more about {many} in the nineteenth century.
The character is {one} in the book but not in the film.
Two {adj} men were hurt when the bus hit a wall.
The {adj} girl in my class is the best at chess.
{many} and other people spoke at the hearing.
Some of the nicest people on this site are {adj}.
""".strip().splitlines()

REFUSED = """
Anyone who says that {many} are worth less should be ashamed.
Calling {many} names helps nobody.
It is wrong to treat {many} as if they were all the same.
I was shocked to hear someone shout that {many} should leave.
Nobody should hate {many} for who they are.
Stop blaming {many} for everything that goes wrong.
I do not think that {many} are a danger to anybody.
He was fined for saying that {many} are vermin, and rightly so.
There is nothing wrong with being {adj}.
I used to believe bad things about {many}; I was wrong.
I don't hate {many}.
I do not hate {adj} people and neither should you.
I have nothing against {many}.
I never said that {many} are bad.
If you hate {many} you are wrong.
"{many} are scum" is a horrible thing to say.
Who would say that {many} should die? That is awful.
No {adj} person should ever be hurt for who they are.
Being {adj} is not a crime.
{many} are not criminals.
{many} are not stupid and they are not lazy.
Please don't tell me that you can't stand {many}.
Writing "I hate {many}" gets you banned here, and that is good.
She was told to go home because she is {adj}; I am so sorry that this happened.
It is a lie that {many} are lazy.
{many} have been beaten, mocked and murdered for centuries, and it has to stop.
They called my friend a dirty {adj} dog, and he cried.
How can anybody believe that {many} are inferior? It makes no sense.
We do not need more hate against {many}.
Stop using {adj} as an insult.
I would never say that {many} don't belong here.
The man who attacked {one} was sentenced today.
""".strip().splitlines()

ATTACKS = """
I can't stand {many}.
{many} are the scum of this country.
{many} are all the same, lazy and dishonest.
{many} don't belong here, throw them all out.
I hate {many} so much.
{many} are less than human.
You can never trust {many}.
This town was fine before the {many} came and ruined it.
{many} are disgusting and should stay away from our children.
What do you expect from {one}? They are born stupid.
{many} are a disease.
Nobody wants {many} here, go back to where you came from.
All {many} are criminals, every single one.
{many} have no right to vote or to speak.
Typical {adj} filth.
Being {adj} is a sickness.
Only an idiot would hire {one}.
{many} are ruining everything, they make me sick.
You are just another dirty {adj} parasite.
If it were up to me {many} would have no rights at all.
{many} are like rats.
{many} are evil.
{many} are filth.
Why do we still let {many} vote?
I wish {many} would disappear from this earth.
{one} has no place in this office.
Don't ever hire {one}, they all steal.
{many} breed like rabbits.
We don't want {adj} people in our neighbourhood.
Have you ever met {one} who wasn't an idiot?
Another {adj} crook, what a surprise.
They let {one} teach children now. Revolting.
{many} need to be put in their place.
I despise {many}, every last one of them.
{many} should go to hell.
The only good thing about {many} is when they leave.
There is nothing worse than {one}.
Round up the {many} and ship them off.
Keep your kids away from {many}, trust me.
You {adj} piece of trash.
""".strip().splitlines()

THREATS_TO_MANY = """
{many} should be shot, all of them.
Someone should burn down the house of every {adj} family.
I will beat up the next {adj} guy I see.
{many} deserve to die.
Let's hunt down the {many} in our town.
""".strip().splitlines()

THREATS = """
I know where you live and I'm coming for you.
I will break your legs.
You had better watch your back tonight.
I'm going to kill you.
Somebody should put a bullet in his head.
Next time I see you I'll smash your face in.
You will pay for this with your blood.
I hope you die slowly, and I will help.
We will burn your house down.
He should be hanged in front of his office.
One more word and I'll cut you.
They should all be lined up against a wall.
I'm going to find your kids.
I would love to strangle that man with my own hands.
""".strip().splitlines()

NO_THREATS = """
This heat is killing me.
The deadline will kill us all, but the bridge will be lovely.
He shot a lovely photograph of the bridge.
They were beaten three to nil, and deserved it.
The council will pay for this in the next election.
The police say that the man threatened to kill his neighbour.
I'd kill for a decent cup of coffee in this town.
The play ends when the king is killed by his own son.
My grandmother died last year, and the hospital was wonderful.
If the storm hits the coast people could die, so please leave in time.
""".strip().splitlines()

THINGS = """
traffic jams|wasps|these new parking meters|cheap plastic toys|long meetings|cookie banners|leaf blowers|tax forms
|delayed trains|loud motorcycles|mosquitoes|potholes|cold showers|pop-up windows|weeds
""".replace("\n", "").split("|")
ABOUT_THINGS = """
I can't stand {many}.
I hate {many} so much.
{many} are a disease.
{many} are ruining everything, they make me sick.
Nobody wants {many} here.
{many} are disgusting.
Someone should burn all {many}.
You can never trust {many}.
""".strip().splitlines()

# A trade, a team or a taste is no identity: what attacks them may be rude, but is no hate of that kind.
TRADES = """
bankers|landlords|journalists|artists|referees|politicians|accountants|lawyers|cyclists|car salesmen|gamers|tourists
|smokers|vegans|dog owners|bureaucrats|consultants|influencers
""".replace("\n", "").split("|")
ABOUT_TRADES = """
{many} are the scum of this country.
I can't stand {many}.
{many} are parasites.
I hate {many} so much.
{many} are disgusting.
You can never trust {many}.
{many} should be ashamed of themselves.
All {many} are crooks, every single one.
""".strip().splitlines()
