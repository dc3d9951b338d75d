"""TANYA's handlers (texts: `texts/`, settings: `manifest.toml`)."""

from __future__ import annotations

from datetime import timedelta

from botruntime.bots.tanya import desk, leads, topics
from botruntime.sdk import Bot, Ctx, File, Reply, matching

bot = Bot.load(__file__)


@bot.menu
def welcome(ctx: Ctx) -> None:
    """First message and MENU."""
    remember_source(ctx)
    ctx.state.pop("gagal", None)
    ctx.say("welcome")


@bot.button("topics")
def list_topics(ctx: Ctx) -> None:
    """The first page of topics."""
    show_topics(ctx, 0)


@bot.button("f:more")
def next_topics(ctx: Ctx) -> None:
    """The pager of a card that does not know its page."""
    show_topics(ctx, 1)


@bot.button("f:more:{page}")
def more_topics(ctx: Ctx, page: str) -> None:
    """A further page; a page that no longer exists shows the first."""
    show_topics(ctx, int(page) if page.isdecimal() and len(page) < 4 else 0)


def show_topics(ctx: Ctx, page: int) -> None:
    """The list of topics; without any, the chat goes to a person."""
    every = topics.every(ctx)
    if every:
        ctx.say("topics", rows=[topic.row() for topic in every], page=page)
    else:
        desk.wanted(ctx, "")


@bot.button("f:{i}")
def chosen(ctx: Ctx, i: str) -> None:
    """A topic was chosen; one the owner removed shows the list again."""
    topic = topics.find(ctx, i)
    if topic is None:
        ctx.say("stale")
        show_topics(ctx, 0)
    else:
        answer(ctx, topic)


def answer(ctx: Ctx, topic: topics.Topic) -> None:
    """The owner's words, to the letter; then the attachment."""
    ctx.state.pop("gagal", None)
    ctx.say("answer", i=topic.code, jawaban=f"{topic.answer}\n{topic.link}" if topic.link else topic.answer)
    if topic.attachment:
        ctx.reply(attachment(topic.attachment))


def attachment(link: str) -> Reply:
    """A picture by its ending, anything else as a document."""
    name = link.rpartition("/")[2].partition("?")[0]
    is_picture = name.lower().endswith((".jpg", ".jpeg", ".png"))
    return Reply(kind="image" if is_picture else "document", file=File(link=link, filename="" if is_picture else name))


@bot.button("ok:{i}")
def helped(ctx: Ctx, i: str) -> None:
    """The answer helped: counted, and nothing more is said."""
    table = ctx.table("terjawab")
    record = table.by_key(i)
    if record is None:
        table.insert(key=i, shared=True, kali=1)
    else:
        table.update(record, kali=record.data["kali"] + 1)


@bot.fallback
def question(ctx: Ctx) -> None:
    """A typed question: answered, narrowed down, or missed. Without a meaningful word it is a greeting."""
    remember_source(ctx)
    found = topics.meant(ctx, ctx.msg.text)
    asks = bool(matching.tokens(ctx.msg.text))
    if ctx.first or not asks:
        ctx.say("welcome")
    if len(found) == 1:
        answer(ctx, found[0])
    elif found:
        ctx.say("several", rows=[topic.row() for topic in found])
    elif asks:
        missed(ctx)


def remember_source(ctx: Ctx) -> None:
    """An ad or link that brought the contact stays with the lead that may come of it."""
    if ctx.msg.referral:
        ctx.state["asal"] = {name: str(ctx.msg.referral.get(name, ""))[:200] for name in ("source", "id", "headline")}


def missed(ctx: Ctx) -> None:
    """Kept for the owner to answer; after the set number of misses in a row the chat goes to a person."""
    ctx.table("tak_terjawab").insert(pertanyaan=ctx.msg.text[:500], bahasa=ctx.language)
    ctx.state["tanya"] = ctx.msg.text[:500]
    if ctx.first:
        return
    ctx.state["gagal"] = ctx.state.get("gagal", 0) + 1
    if ctx.state["gagal"] >= ctx.settings["setelah_gagal"]:
        ctx.state.pop("gagal")
        desk.wanted(ctx, ctx.state.pop("tanya"))
    else:
        ctx.say("nomatch")


@bot.text(r"(minta |mau )?penawaran|(get )?(a )?quote")
@bot.button("lead")
def quote(ctx: Ctx) -> None:
    """Begin a lead."""
    remember_source(ctx)
    leads.begin(ctx)


@bot.step
def lead_answer(ctx: Ctx, value: str, place: int, answers: dict[str, str], label: str) -> None:
    """Keep one answer and go on."""
    leads.ask(ctx, place + 1, {**answers, label: str(value)})


@bot.human
def person(ctx: Ctx) -> None:
    """ADMIN, CS, MANUSIA or the button."""
    desk.wanted(ctx, ctx.state.pop("tanya", ""))


@bot.button("leave")
def leave(ctx: Ctx) -> None:
    """Leave a message for the staff."""
    desk.ask_message(ctx)


@bot.step
def message_left(ctx: Ctx, value: str) -> None:
    """The message left outside hours."""
    desk.keep_message(ctx, value)


@bot.timer(desk.SLA)
def nobody_answered(ctx: Ctx) -> None:
    """The promised time passed and nobody took the chat."""
    if ctx.mode == "queued":
        ctx.notify_staff("handover_waiting", contact=ctx.contact.name, minutes=ctx.settings["sla_menit"])
        ctx.say("sla_wait")


@bot.button("wait", waiting=True)
def keep_waiting(ctx: Ctx) -> None:
    """Wait another promised time."""
    ctx.say("queue", n=desk.place(ctx), menit=desk.wait_minutes(ctx))
    ctx.after(timedelta(minutes=ctx.settings["sla_menit"]), desk.SLA)


@bot.button("callback", waiting=True)
def call_back(ctx: Ctx) -> None:
    """Back to the bot, which takes name and need."""
    desk.close(ctx, "hubungi_nanti")
    ctx.resume()
    leads.begin(ctx)


@bot.timer(desk.CLOSE)
def close_silently(ctx: Ctx) -> None:
    """Nobody wrote for long: the bot is back without a word."""
    desk.close(ctx, "kedaluwarsa")
    if ctx.mode == "queued":
        ctx.resume()


@bot.on_return
def returned(ctx: Ctx) -> None:
    """MENU while waiting."""
    desk.close(ctx, "kembali")


@bot.on_stop
def stopped(ctx: Ctx) -> None:
    """STOP ends what would follow by itself."""
    ctx.cancel(desk.SLA)
