"""What the fictional shop sells, how often each thing comes back, and why."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """One article. `returned` is the share of its orders that come back; `reasons` are platform codes with weights."""

    sku: str
    name: str
    price: Decimal
    popularity: int
    returned: float
    reasons: tuple[tuple[str, int], ...]


def _product(sku: str, name: str, price: str, popularity: int, returned: float, reasons: str) -> Product:
    weighted = tuple((code, int(weight)) for code, weight in (part.split(":") for part in reasons.split()))
    return Product(sku, name, Decimal(price), popularity, returned, weighted)


# The story in these figures: one lamp breaks on its way, the linen curtains are not the colour of the picture.
CATALOGUE = (
    _product("LAM-AUBE", "Lampe de table Aube", "89.00", 14, 0.07, "CHANGED_MIND:3 STYLE:3 DEFECTIVE:2 COLOR:1"),
    _product("LAM-BRUME", "Lampe en verre Brume", "129.00", 12, 0.22, "DAMAGED_BY_CARRIER:9 DEFECTIVE:1"),
    _product("SUS-HALO", "Suspension Halo", "159.00", 8, 0.10, "NOT_AS_DESCRIBED:3 STYLE:2 DAMAGED_BY_CARRIER:3"),
    _product("APP-RIVE", "Applique Rive", "69.00", 9, 0.07, "NOT_COMPATIBLE:4 CHANGED_MIND:2"),
    _product("LMP-ORME", "Lampadaire Orme", "219.00", 5, 0.10, "MISSING_PARTS:3 DAMAGED_BY_CARRIER:3 STYLE:1"),
    _product("BAL-LUCIOLE", "Baladeuse Luciole", "49.00", 12, 0.06, "DEFECTIVE:4 CHANGED_MIND:2"),
    _product("AMP-AMBRE", "Ampoule Ambre E27", "12.00", 16, 0.02, "DEFECTIVE:2 ORDERED_WRONG:2"),
    _product("PLA-SABLE", "Plaid en lin Sable", "79.00", 10, 0.06, "CHANGED_MIND:3 QUALITY:2 COLOR:2"),
    _product("COU-ECUME", "Housse de coussin Écume", "29.00", 15, 0.06, "COLOR:3 SIZE_TOO_SMALL:3 CHANGED_MIND:1"),
    _product("RID-CRAIE", "Rideau en lin Craie", "95.00", 11, 0.20, "COLOR:6 SIZE_TOO_SMALL:2 NOT_AS_DESCRIBED:3"),
    _product("NAP-GARANCE", "Nappe Garance", "59.00", 8, 0.08, "COLOR:2 SIZE_TOO_SMALL:2 QUALITY:1"),
    _product("DRA-LIN", "Drap en lin lavé", "139.00", 8, 0.09, "SIZE_TOO_LARGE:2 QUALITY:3 CHANGED_MIND:2"),
    _product("PAR-NUAGE", "Parure de lit Nuage", "169.00", 7, 0.10, "MISSED_ESTIMATED_DELIVERY:2 QUALITY:3"),
    _product("TOR-MOISSON", "Torchons Moisson, lot de trois", "24.00", 12, 0.02, "WRONG_ITEM:1 CHANGED_MIND:1"),
)  # fmt: skip
