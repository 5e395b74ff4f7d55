"""The operators of the generated network: real names, invented shares and prices.

Party ids follow the EVSE ids seen in public where we know them (`DE*TSL*…`), else the name.
Which operator builds what, and where, is roughly as in the German register of 2025; prices are
invented within what is usual, and how many stations cannot be reserved as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pm_tui.sandbox.stations import Cpo


@dataclass(frozen=True, slots=True)
class Operator:
    """`ac` and `dc` are EUR a kWh; `search_only` is the share that cannot be reserved.

    `homes` are towns (with what lies within `REACH_KM`) and federal states; empty is all of
    Germany. `weights` says how likely it runs a site of each kind (`network_sites.KINDS`),
    relative to the others there; of the kinds not named it has none.
    """

    cpo: Cpo
    ac: Decimal
    dc: Decimal
    search_only: float
    homes: tuple[str, ...]
    weights: Mapping[str, float]


REACH_KM = 20.0


def _everywhere(
    party: str, name: str, ac: str, dc: str, search_only: float, **weights: float
) -> Operator:
    return Operator(Cpo(party, name), Decimal(ac), Decimal(dc), search_only, (), weights)


def _at_home(party: str, name: str, ac: str, dc: str, *homes: str, share: float = 1) -> Operator:
    """A municipal or regional utility: strong at home, nowhere else."""
    usual = {"street": 60, "garage": 35, "retail": 8, "triple": 30, "hub": 8, "lantern": 2}
    weights = {kind: weight * share for kind, weight in usual.items()}
    return Operator(Cpo(party, name), Decimal(ac), Decimal(dc), 0.23, homes, weights)


OPERATORS: tuple[Operator, ...] = (
    # all over Germany
    _everywhere(
        *("ENB", "EnBW", "0.52", "0.61", 0.12),
        street=14,
        garage=10,
        retail=30,
        triple=20,
        hub=28,
        motorway=26,
    ),
    _everywhere(
        *("EDR", "E.ON Drive", "0.56", "0.69", 0.18),
        street=12,
        garage=9,
        retail=6,
        triple=10,
        hub=8,
        motorway=14,
    ),
    _everywhere("TSL", "Tesla", "0.49", "0.47", 0.45, super=100),
    _everywhere("IOY", "IONITY", "0.61", "0.75", 0.15, motorway=30, hub=2),
    _everywhere(
        "ALL", "Allego", "0.57", "0.79", 0.20, street=6, retail=8, triple=10, hub=9, motorway=6
    ),
    _everywhere("FAS", "Fastned", "0.59", "0.73", 0.12, hub=3, motorway=9),
    _everywhere("ARP", "Aral pulse", "0.59", "0.81", 0.18, hub=17, motorway=14),
    _everywhere("EWE", "EWE Go", "0.52", "0.62", 0.14, street=5, retail=14, triple=9, hub=8),
    _everywhere("SHR", "Shell Recharge", "0.59", "0.84", 0.24, hub=13, motorway=8, triple=2),
    _everywhere("TCB", "TotalEnergies", "0.53", "0.77", 0.22, street=4, hub=5, motorway=4),
    _everywhere("MER", "Mer", "0.49", "0.66", 0.16, garage=8, retail=8, triple=6, hub=5),
    _everywhere("LDL", "Lidl", "0.42", "0.48", 0.34, retail=14),
    _everywhere("KAU", "Kaufland", "0.42", "0.48", 0.34, retail=9),
    _everywhere("ASD", "ALDI SÜD", "0.42", "0.47", 0.34, retail=14),
    _everywhere("PWA", "Pfalzwerke", "0.52", "0.65", 0.16, garage=2, retail=6, hub=6, motorway=5),
    _everywhere("CWT", "Citywatt", "0.47", "0.62", 0.20, street=3, garage=8, hub=3),
    _everywhere("UBI", "ubitricity", "0.48", "0.59", 0.30, lantern=60),
    _everywhere("QRM", "Qwello", "0.54", "0.64", 0.14, street=7),
    _everywhere("EZE", "eze.network", "0.45", "0.59", 0.26, street=8, garage=6),
    _everywhere("WLN", "Wirelane", "0.49", "0.65", 0.20, street=3, garage=10),
    _everywhere("CNT", "GP JOULE Connect", "0.51", "0.66", 0.18, garage=6, triple=4, hub=4),
    _everywhere("CCH", "Comfortcharge", "0.59", "0.87", 0.28, triple=14, street=2),
    _everywhere("VAT", "Vattenfall InCharge", "0.51", "0.67", 0.16, retail=9, garage=3, hub=4),
    _everywhere("DER", "deer", "0.46", "0.58", 0.26, street=4, garage=2),
    _everywhere("ELE", "Electra", "0.54", "0.64", 0.04, hub=5),
    _everywhere("JLT", "Jolt", "0.54", "0.69", 0.20, hub=2),
    # at home
    _at_home("BSW", "Berliner Stadtwerke", "0.44", "0.59", "Berlin"),
    _at_home("HEW", "Hamburger Energiewerke", "0.47", "0.59", "Hamburg"),
    _at_home("SWM", "Stadtwerke München", "0.48", "0.61", "München"),
    _at_home("TNK", "TankE", "0.49", "0.61", "Köln", "Leverkusen"),
    _at_home("MAI", "Mainova", "0.47", "0.62", "Frankfurt am Main"),
    _at_home("SWS", "Stadtwerke Stuttgart", "0.49", "0.61", "Stuttgart"),
    _at_home("SWD", "Stadtwerke Düsseldorf", "0.46", "0.59", "Düsseldorf"),
    _at_home("DEW", "DEW21", "0.45", "0.58", "Dortmund"),
    _at_home("LSW", "Leipziger Stadtwerke", "0.44", "0.58", "Leipzig"),
    _at_home("SAE", "SachsenEnergie", "0.45", "0.59", "Sachsen", share=0.5),
    _at_home("ENC", "enercity", "0.46", "0.59", "Hannover"),
    _at_home("NER", "N-ERGIE", "0.45", "0.58", "Nürnberg", "Fürth", "Erlangen"),
    _at_home("SWB", "swb", "0.46", "0.59", "Bremen"),
    _at_home("STA", "STAWAG", "0.45", "0.58", "Aachen"),
    _at_home("ESW", "ESWE Versorgung", "0.47", "0.61", "Wiesbaden", "Mainz"),
    _at_home("MVV", "MVV", "0.46", "0.61", "Mannheim", "Heidelberg"),
    _at_home("RWG", "REWAG", "0.41", "0.57", "Regensburg"),
    _at_home("TMO", "TEAG Mobil", "0.45", "0.59", "Thüringen", share=0.6),
    _at_home("WES", "Westenergie", "0.50", "0.64", "Nordrhein-Westfalen", share=0.35),
    _at_home("ENT", "ENTEGA", "0.48", "0.61", "Darmstadt", "Hessen", share=0.4),
)
