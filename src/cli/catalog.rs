//! `residua catalog`: what is known of a product, or which products there are.

use std::fmt::Write;

use clap::Args;

use super::common::{page, print, print_text};
use super::hint::{hinted, of_unclear_product};
use super::one_product::{alike, likely};
use crate::catalog::{self, AssetClass, Matcher, Product};
use crate::units;

/// Arguments of `residua catalog`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua catalog \"DELL PE R740XD 24SFF\"\n  residua catalog --class gpu")]
pub(super) struct CatalogArguments {
    /// A name, as people write it
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// List the products of one class
    #[arg(long, value_parser = parse_class)]
    class: Option<AssetClass>,
}

fn parse_class(text: &str) -> Result<AssetClass, String> {
    AssetClass::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = AssetClass::ALL.iter().map(|class| class.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

pub(super) fn run(arguments: CatalogArguments) -> anyhow::Result<()> {
    let catalog = catalog::built_in()?;
    let mut text = String::new();
    let Some(name) = &arguments.name else {
        for (_, product) in catalog.iter() {
            if arguments.class.is_none_or(|class| class == product.class) {
                let launch = product.launch.map_or(String::new(), |launch| launch.to_string());
                writeln!(text, "{}\t{}\t{launch}", product.class, product.name)?;
            }
        }
        return print(&text);
    };
    let found = Matcher::new(&catalog).identify(name, arguments.class);
    match found.product {
        Some(id) => {
            writeln!(text, "{} ({:.0} % sure)", catalog.get(id).name, found.confidence * 100.0)?;
            write_facts(&mut text, catalog.get(id))?;
            print_text(page(), &text)
        }
        None => {
            let names = likely(&catalog, &found, name);
            if names.is_empty() {
                let near = units::hint(name, alike(&catalog, name));
                return Err(hinted(
                    format!("`{name}` resembles no product of the catalog{near}"),
                    "`residua catalog` lists all products, `residua catalog --class gpu` those of a class",
                ));
            }
            Err(hinted(
                format!(
                    "`{name}` is not clear enough: nearest {} ({:.0} %)",
                    names.join(", "),
                    found.confidence * 100.0
                ),
                of_unclear_product(name, alike(&catalog, name)),
            ))
        }
    }
}

fn write_facts(text: &mut String, product: &Product) -> std::fmt::Result {
    let mut fact = |name: &str, value: Option<String>| match value.filter(|value| !value.is_empty()) {
        Some(value) => writeln!(text, "  {name:<16} {value}"),
        None => Ok(()),
    };
    fact("class", Some(product.class.to_string()))?;
    fact("line", Some(format!("{} {}", product.vendor, product.family)))?;
    fact("generation", Some(product.generation.clone()))?;
    fact("launched", product.launch.map(|date| date.to_string()))?;
    fact("list price", product.list_price.map(|(price, currency)| format!("{price} {currency}")))?;
    fact("memory", product.memory_gb.map(|memory| format!("{memory} GB")))?;
    fact("fp32", product.fp32_tflops.map(|speed| format!("{speed} TFLOPS")))?;
    fact("power", product.power_w.map(|power| format!("{power} W")))?;
    fact("cpu", product.cpu.clone())?;
    fact("gpu", product.gpu.clone())?;
    fact("successor", product.successor.clone())?;
    fact("launches", product.successor_launch.map(|date| date.to_string()))?;
    fact("support ends", product.end_of_support.map(|date| date.to_string()))?;
    fact("mass", product.mass_kg.map(|mass| format!("{mass} kg")))?;
    fact("also called", Some(product.aliases.join(" | ")))?;
    fact("source", Some(product.source.clone()))
}
