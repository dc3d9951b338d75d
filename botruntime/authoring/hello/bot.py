"""A first bot: greets, asks for a name and remembers it."""

from __future__ import annotations

from botruntime.sdk import Bot, Ctx

bot = Bot.load(__file__)


@bot.menu
def welcome(ctx: Ctx) -> None:
    """First message and MENU."""
    name = ctx.state.get("name")
    if name:
        ctx.say("welcome_back", nama=name)
    else:
        ctx.say("welcome", sapaan=ctx.settings["sapaan"])


@bot.button("name")
def ask_name(ctx: Ctx) -> None:
    """Ask; the answer comes to `name_given`, however long it takes."""
    ctx.ask("ask_name", step="name_given", input="name", timeout="1d")


@bot.step
def name_given(ctx: Ctx, value: str) -> None:
    """The answer to `ask_name`."""
    ctx.state["name"] = value
    ctx.say("nice_to_meet", nama=value)
