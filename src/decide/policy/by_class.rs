//! A value for some classes of hardware, and one for the others.
//!
//! In: a table `{ laptop = 36, other = 60 }`, or one bare number that holds for every class (as overrides for a
//! single product or asset like to say). Out: [`ByClass`]. A class nobody knows is refused by name.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{F64Deserializer, I64Deserializer};
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::catalog::AssetClass;

/// A value for some classes, and one for the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ByClass<T> {
    named: BTreeMap<String, T>,
    /// The value of each class in the order of classes: costs ask for it by the million.
    #[serde(skip)]
    by_class: [Option<T>; AssetClass::ALL.len()],
}

impl<T: Copy> ByClass<T> {
    fn new(named: BTreeMap<String, T>) -> ByClass<T> {
        let other = named.get(AssetClass::Other.name()).copied();
        let by_class = AssetClass::ALL.map(|class| named.get(class.name()).copied().or(other));
        ByClass { named, by_class }
    }

    /// The value of a class, or that of `other`.
    pub fn of(&self, class: AssetClass) -> Option<T> {
        self.by_class[class as usize]
    }

    /// All values, in the order of the names of their classes.
    pub(super) fn values(&self) -> impl Iterator<Item = T> + '_ {
        self.named.values().copied()
    }
}

struct Values<T>(PhantomData<T>);

impl<'de, T: Copy + Deserialize<'de>> Visitor<'de> for Values<T> {
    type Value = ByClass<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number, or a table of numbers by class")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        let number: I64Deserializer<E> = value.into_deserializer();
        every_class(T::deserialize(number)?)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        let number: F64Deserializer<E> = value.into_deserializer();
        every_class(T::deserialize(number)?)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, T>()? {
            if AssetClass::from_name(&name).is_none() {
                let known: Vec<&str> = AssetClass::ALL.iter().map(|class| class.name()).collect();
                return Err(A::Error::custom(format!(
                    "unknown class `{name}`, expected one of {}",
                    known.join(", ")
                )));
            }
            values.insert(name, value);
        }
        Ok(ByClass::new(values))
    }
}

fn every_class<T: Copy, E>(value: T) -> Result<ByClass<T>, E> {
    Ok(ByClass::new(BTreeMap::from([(AssetClass::Other.name().to_owned(), value)])))
}

impl<'de, T: Copy + Deserialize<'de>> Deserialize<'de> for ByClass<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values(PhantomData))
    }
}
