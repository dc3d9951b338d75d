"""The demo world: two businesses, a few numbers nobody connected yet, and three people with phones."""

from botruntime.emulator.records import Login, Meta, Number, Person, Portfolio, Waba
from botruntime.emulator.world import World

CLINIC, COFFEE = "710000000000001", "710000000000002"


def seed(world: World) -> None:
    """Fill an empty world."""
    now = world.now()
    world.portfolios.put(Portfolio(CLINIC, "Klinik Sehat Bersama"))
    world.portfolios.put(Portfolio(COFFEE, "Kopi Tepi Sawah"))
    world.wabas.put(Waba("720000000000001", CLINIC, "Klinik Sehat", now))
    world.wabas.put(Waba("720000000000002", COFFEE, "Kopi Tepi Sawah", now))
    numbers = (
        ("730000000000001", "720000000000001", "6281110002001", "Klinik Sehat", True),
        ("730000000000002", "720000000000001", "6281110002002", "Klinik Sehat Cabang Timur", True),
        ("730000000000003", "720000000000002", "6281110003001", "Kopi Tepi Sawah", True),
        ("730000000000004", "720000000000002", "6281110003002", "Kopi Tepi Sawah Grosir", False),
    )
    for number_id, waba_id, digits, name, verified in numbers:
        world.numbers.put(Number(number_id, waba_id, digits, name, verified=verified, onboarded_at=now))
    world.logins.put(Login("clinic", "clinic", [CLINIC]))
    world.logins.put(Login("coffee", "coffee", [COFFEE]))
    world.logins.put(Login("both", "both", [CLINIC, COFFEE]))
    world.logins.put(Login("newcomer", "newcomer"))
    budi = Person("u-budi", "Budi", "6281290001111", bsuids={CLINIC: "ID.5810023344556677"})
    sari = Person("u-sari", "Sari", "6281290003333", phone_visible=False, username="sari.cantik")
    sari.bsuids = {CLINIC: "ID.9920014477003311"}
    dewi = Person("u-dewi", "Dewi", "6281290004444", username="dewi.kopi")
    for person in (budi, sari, dewi):
        world.people.save(person)
    world.meta.put(Meta("seeded", True))


def wipe(world: World) -> None:
    """Empty the world; id counters stay, so no id ever comes back."""
    for table in (
        world.logins,
        world.portfolios,
        world.wabas,
        world.numbers,
        world.chats,
        world.messages,
        world.templates,
        world.grants,
        world.tokens,
        world.codes,
        world.signups,
        world.deliveries,
        world.mails,
        world.media,
    ):
        table.clear()
    world.people.clear()
    world.timers.clear()
    world.threads.clear()
    world.typing.clear()
    for name in ("faults", "held", "last_update", "clock_offset"):
        world.meta.remove(name)
    world.meta.put(Meta("seeded", True))
