"""The register of `benches/stream/main.rs`, byte for byte: python fleet.py REGISTER.csv ROWS KINDS

Kinds differ in product, month of purchase, cost, site, state and condition; names, serials, places and sightings differ
from row to row.
"""

import sys

PRODUCTS = [
    ("Dell Latitude 5430", "laptop", 1_389),
    ("Lenovo ThinkPad T480", "laptop", 1_250),
    ("Dell PowerEdge R640", "server", 7_400),
    ("NVIDIA A100 PCIe 40GB", "gpu", 9_800),
    ("HP EliteBook 840 G8", "laptop", 1_420),
    ("Dell PowerEdge R740", "server", 9_100),
    ("NVIDIA H100 PCIe", "gpu", 28_000),
    ("Dell Latitude 7420", "laptop", 1_600),
]
SITES = ["Austin", "Berlin", "Manchester", "Singapore", "Dublin", "Mumbai"]
HEADER = "asset_id,serial,location,model,class,purchase_date,purchase_cost,currency,site,status,grade,last_seen"
AT_ONCE = 20_000


def kind(place):
    """The cells that rows of one kind share."""
    model, asset_class, cost = PRODUCTS[place % len(PRODUCTS)]
    year, month = 2019 + place // 8 % 6, 1 + place // 48 % 12
    status = "in use" if place % 5 else "in stock"
    cost += place // 576 * 3.5
    site, grade = SITES[place * 7 % 6], "ABC"[place % 3]
    return f"{model},{asset_class},{year}-{month:02}-15,{cost:.2f},USD,{site},{status},{grade}"


def write_register(path, rows, kinds):
    """Writes the register; memory does not grow with the rows."""
    cells = [kind(place) for place in range(kinds)]
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER + "\n")
        for start in range(0, rows, AT_ONCE):
            file.writelines(
                f"AT{row:08},SN{row * 7_919 % 100_000_000:08}X,rack {row % 9_999},"
                f"{cells[row * 2_654_435_761 % kinds]},2026-10-{1 + row % 28:02}\n"
                for row in range(start, min(start + AT_ONCE, rows))
            )


if __name__ == "__main__":
    write_register(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
