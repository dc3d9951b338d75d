"""Integer rupiah, written the way Indonesians write it."""


def rupiah(amount_idr: int) -> str:
    """``99000`` as ``Rp 99.000``; the space does not break."""
    sign = "-" if amount_idr < 0 else ""
    return f"{sign}Rp\u00a0{abs(amount_idr):,}".replace(",", ".")
