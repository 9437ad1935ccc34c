"""The closed form by polars: python polars_expressions.py REGISTER.csv ANSWERS.csv --threads N [--how rows|kinds]

One lazy query from file to file on the streaming engine, with polars' own threads. p10 and p90 are asked of two months
only, and a lazy query makes nothing that is not asked for, so `rows` is lean by itself. kinds: equal rows are scored
once and joined back.
"""

import argparse
import os

from question import (
    ANSWERS,
    AS_OF_INDEX,
    CLASSES,
    COLUMNS,
    DISCOUNT,
    GRADES,
    IN_USE,
    KEYS,
    MONTHS,
    ROUTES,
    band,
    holding_sums,
    month_names,
)


def scored(pl, rows):
    """`rows` with the answers beside them."""
    (low, high), (plain, aged) = band(), holding_sums()
    ahead = range(MONTHS)

    def of_class(place):
        facts = {name: one[place] for name, one in CLASSES.items()}
        return pl.col("class").replace_strict(facts, return_dtype=pl.Float64)

    bought = pl.col("purchase_date")
    facts = rows.with_columns(
        age=AS_OF_INDEX - (bought.dt.year().cast(pl.Int32) * 12 + bought.dt.month() - 1),
        scale=pl.col("purchase_cost") * pl.col("grade").replace_strict(GRADES, return_dtype=pl.Float64),
        floor=of_class(0),
        rate=of_class(1),
        upkeep=pl.col("purchase_cost") * of_class(2),
        worth=pl.col("purchase_cost") * pl.when(pl.col("status") == IN_USE).then(of_class(3)).otherwise(0.0),
    ).with_columns(
        base=pl.col("scale") * pl.col("floor"),
        above=pl.col("scale") * (1 - pl.col("floor")) * (-pl.col("rate") * pl.col("age")).exp(),
        held=pl.col("upkeep") * pl.col("age") - pl.col("worth"),
    )
    medians = facts.with_columns(
        (pl.col("base") + pl.col("above") * (-pl.col("rate") * month).exp()).alias(f"p50_{month}") for month in ahead
    )

    def sale(price, share, fee):
        return (1 - share) * price - fee

    def net(month):
        sales = [sale(pl.col(f"p50_{month}"), share, fee) for share, fee in ROUTES.values()]
        holding = plain[month] * pl.col("held") + aged[month] * pl.col("upkeep")
        return DISCOUNT**month * pl.max_horizontal(sales) - holding

    chosen = medians.with_columns(best=pl.concat_arr([net(month) for month in ahead]).arr.arg_max())
    best = pl.col("best")
    sold = chosen.with_columns(sold=pl.concat_arr([f"p50_{month}" for month in ahead]).arr.get(best))
    shares, fees = zip(*ROUTES.values(), strict=True)
    routed = sold.with_columns(
        taken=pl.concat_arr([sale(pl.col("sold"), *terms) for terms in ROUTES.values()]).arr.arg_max()
    )

    def listed(values, place, kind):
        return place.replace_strict(range(len(values)), values, return_dtype=kind)

    def brought(price):
        taken = pl.col("taken")
        return (1 - listed(shares, taken, pl.Float64)) * price - listed(fees, taken, pl.Float64)

    now, then = pl.col("p50_0"), pl.col("sold")
    return routed.with_columns(
        product=pl.col("model"),
        month=listed(month_names(), best, pl.String),
        route=listed(list(ROUTES), pl.col("taken"), pl.String),
        value_p10=low[0] * now,
        value_p50=now,
        value_p90=high[0] * now,
        recovery_p10=brought(then * listed(low, best, pl.Float64)),
        recovery_p50=brought(then),
        recovery_p90=brought(then * listed(high, best, pl.Float64)),
    )


def main():
    """Reads the arguments and runs the query."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("register")
    parser.add_argument("out")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--how", choices=["rows", "kinds"], default="rows")
    parser.add_argument("--exact", action="store_true", help="do not round to cents")
    given = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(given.threads)
    import polars as pl  # reads POLARS_MAX_THREADS when loaded

    schema = {"purchase_date": pl.Date, "purchase_cost": pl.Float64}
    rows = pl.scan_csv(given.register, schema_overrides=schema, try_parse_dates=True).select(COLUMNS)
    if given.how == "kinds":
        kinds = scored(pl, rows.select(KEYS).unique()).select(*KEYS, *ANSWERS[1:])
        answers = rows.join(kinds, on=KEYS, how="left", maintain_order="left")
    else:
        answers = scored(pl, rows)
    answers.select(ANSWERS).sink_csv(given.out, float_precision=None if given.exact else 2, engine="streaming")


if __name__ == "__main__":
    main()
