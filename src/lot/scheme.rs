//! What a grade's code says of the condition, under a named scheme.
//!
//! In: the schemes of the policy and the codes of a list with the scheme each names, if any. Out: a [`Graded`] for each: the
//! shares of A, B, C, D and parts among units that bear the code. The same code is good in one scheme and bad in another
//! (`2` is the second best or the second worst, `F2` untested or faulty), so a scheme is taken without being named only when
//! it alone knows all codes of the list that any scheme knows; otherwise the list is refused with the names to choose from.
//! A code that nobody knows (`pulls`) is an [`UnknownCode`]: it leaves its own line out and no other.
//!
//! A code that joins several (`F5/C4`) is the worse of them: the axes are independent, so with shares `p` and `q` over grades
//! from best to worst, `P(worse ≤ g) = P(p ≤ g) · P(q ≤ g)`.

use std::collections::BTreeMap;
use std::fmt;

use crate::decide::GradeScheme;
use crate::fleet::{Grade, StatedGrade};
use crate::price::grade::usual_mixture;

/// How many grades there are.
const GRADES: usize = Grade::ALL.len();

/// Shares of the grades among units, in the order of [`Grade::ALL`]; they add to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture([f64; GRADES]);

impl Mixture {
    /// The usual mixture of gear at refresh: what is expected where nothing is said.
    pub fn usual() -> Mixture {
        let mut shares = [0.0; GRADES];
        for (grade, share) in usual_mixture() {
            shares[grade as usize] = share;
        }
        Mixture(shares)
    }

    /// From shares by the name of the grade, which the policy has checked.
    fn of_names(named: &BTreeMap<String, f64>) -> Mixture {
        Mixture(Grade::ALL.map(|grade| named.get(grade.name()).copied().unwrap_or(0.0)))
    }

    /// The share of a grade.
    pub fn share(&self, grade: Grade) -> f64 {
        self.0[grade as usize]
    }

    /// The mixture of the worse of two independent readings.
    pub fn worse_of(&self, other: &Mixture) -> Mixture {
        let (mut own, mut its, mut before) = (0.0, 0.0, 0.0);
        Mixture(std::array::from_fn(|at| {
            own += self.0[at];
            its += other.0[at];
            let up_to = own * its;
            let share = up_to - before;
            before = up_to;
            share
        }))
    }

    /// The mixture when a share of what works turns out not to.
    pub fn with_failures(&self, fails: f64) -> Mixture {
        let mut shares = self.0.map(|share| share * (1.0 - fails));
        shares[GRADES - 1] += fails;
        Mixture(shares)
    }

    /// The grade most units have, the better of two alike.
    pub fn most_likely(&self) -> Grade {
        let best = |so_far: Grade, grade: Grade| {
            if self.share(grade) > self.share(so_far) { grade } else { so_far }
        };
        Grade::ALL.into_iter().fold(Grade::A, best)
    }
}

/// What is believed of the condition of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// The code as written and the scheme it was read by: `B (letters)`; empty where nothing is stated.
    pub words: String,
    /// Shares of the grades.
    pub mixture: Mixture,
    /// Whether the code tells that the unit was tested and works.
    pub tested: bool,
}

impl Graded {
    /// A unit without a grade.
    pub fn unstated() -> Graded {
        Graded { words: String::new(), mixture: Mixture::usual(), tested: false }
    }
}

/// A grade as a list states it.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    /// The code with the scheme it names, if any.
    pub grade: Option<&'a StatedGrade>,
    /// The line of the list.
    pub line: u64,
}

/// A code that its scheme does not have, or that no scheme has where none is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownCode {
    /// As written.
    pub code: String,
    /// The scheme and the codes it has.
    pub scheme: Option<(String, String)>,
}

impl UnknownCode {
    /// What would bring the line in.
    pub const REMEDY: &str =
        "correct the code, name another scheme, or add it under [lot.schemes] in the policy";
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scheme {
            Some((scheme, codes)) => {
                write!(formatter, "grade `{}` is not in the scheme {scheme} ({codes})", self.code)
            }
            None => write!(formatter, "grade `{}` is in no grade scheme", self.code),
        }
    }
}

/// A list whose grades cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// A scheme nobody knows.
    #[error(
        "the grade scheme `{name}` is not known: choose one of {known}, or write your own under [lot.schemes] in the policy"
    )]
    UnknownScheme {
        /// As written.
        name: String,
        /// Names that are known.
        known: String,
    },
    /// Several schemes know the codes and disagree.
    #[error("grade {codes} means different things in {schemes}: name the one that holds with --scheme")]
    Ambiguous {
        /// The codes with their first lines.
        codes: String,
        /// The schemes with their titles.
        schemes: String,
    },
    /// No single scheme knows all codes.
    #[error(
        "no one grade scheme has all of {codes}: name each row's scheme in a column grade_scheme, or give --scheme (one of {known})"
    )]
    NoScheme {
        /// The codes with their first lines.
        codes: String,
        /// Names that are known.
        known: String,
    },
}

/// The schemes of a policy.
#[derive(Debug, Clone, Copy)]
pub struct Schemes<'a>(pub &'a BTreeMap<String, GradeScheme>);

impl<'a> Schemes<'a> {
    /// What is believed of each unit of a list. `named` is the scheme of rows that name none.
    pub fn read(
        &self,
        stated: &[Stated<'_>],
        named: Option<&str>,
    ) -> Result<Vec<Result<Graded, UnknownCode>>, SchemeError> {
        let default = match named {
            Some(name) => Some(self.named(name)?),
            None => self.inferred(stated)?,
        };
        let read = |stated: &Stated<'_>| {
            let Some(stated) = stated.grade else { return Ok(Ok(Graded::unstated())) };
            let scheme = match &stated.scheme {
                Some(name) => Some(self.named(name)?),
                None => default,
            };
            // Without a scheme here nobody knows the code: see `inferred`.
            Ok(match scheme {
                Some((name, scheme)) => graded(name, scheme, &stated.code),
                None => Err(UnknownCode { code: stated.code.clone(), scheme: None }),
            })
        };
        stated.iter().map(read).collect()
    }

    fn named(&self, name: &str) -> Result<(&'a str, &'a GradeScheme), SchemeError> {
        let wanted = normal(name);
        let is_it = |(own, scheme): &(&String, &GradeScheme)| {
            normal(own) == wanted || scheme.also.iter().any(|also| normal(also) == wanted)
        };
        let found = self.0.iter().find(is_it).map(|(name, scheme)| (name.as_str(), scheme));
        found.ok_or_else(|| SchemeError::UnknownScheme { name: name.to_owned(), known: self.names() })
    }

    /// The one scheme that knows all codes without a scheme that any scheme knows; none where there is no such code.
    fn inferred(&self, stated: &[Stated<'_>]) -> Result<Option<(&'a str, &'a GradeScheme)>, SchemeError> {
        let schemes = || self.0.iter().filter(|(_, scheme)| scheme.inferred);
        let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
        for stated in stated {
            if let Some(grade) = stated.grade.filter(|grade| grade.scheme.is_none()) {
                codes.entry(grade.code.as_str()).or_insert(stated.line);
            }
        }
        codes.retain(|code, _| schemes().any(|(_, scheme)| pieces(scheme, code).is_some()));
        if codes.is_empty() {
            return Ok(None);
        }
        let knows_all = |scheme: &GradeScheme| codes.keys().all(|code| pieces(scheme, code).is_some());
        let fitting: Vec<(&'a str, &'a GradeScheme)> = schemes()
            .filter(|(_, scheme)| knows_all(scheme))
            .map(|(name, scheme)| (name.as_str(), scheme))
            .collect();
        let listed = || {
            let one = |(code, line): (&&str, &u64)| format!("`{code}` (line {line})");
            codes.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        match fitting.as_slice() {
            [] => Err(SchemeError::NoScheme { codes: listed(), known: self.names() }),
            [one] => Ok(Some(*one)),
            several => Err(SchemeError::Ambiguous {
                codes: listed(),
                schemes: several
                    .iter()
                    .map(|(name, scheme)| format!("{name} ({})", scheme.title))
                    .collect::<Vec<_>>()
                    .join(" and "),
            }),
        }
    }

    fn names(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// What a code says under a scheme.
fn graded(name: &str, scheme: &GradeScheme, code: &str) -> Result<Graded, UnknownCode> {
    let unknown = || {
        let codes = scheme.codes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        UnknownCode { code: code.to_owned(), scheme: Some((name.to_owned(), codes)) }
    };
    let found = pieces(scheme, code).ok_or_else(unknown)?;
    let mixtures = found.iter().map(|(_, shares)| Mixture::of_names(shares));
    let mixture = mixtures.reduce(|so_far, next| so_far.worse_of(&next)).ok_or_else(unknown)?;
    // What is said of the function alone leaves the looks open.
    let of_function = |own: &str| scheme.function.iter().any(|code| normal(code) == normal(own));
    let mixture = if found.iter().all(|(own, _)| of_function(own)) {
        mixture.worse_of(&Mixture::usual())
    } else {
        mixture
    };
    let tested = found.iter().any(|(own, _)| scheme.tested.iter().any(|code| normal(code) == normal(own)));
    Ok(Graded { words: format!("{} ({name})", code.trim()), mixture, tested })
}

/// The entries of a scheme that a code joins; nothing when one of them is unknown.
fn pieces<'a>(scheme: &'a GradeScheme, code: &str) -> Option<Vec<(&'a str, &'a BTreeMap<String, f64>)>> {
    let entry = |wanted: &str| {
        scheme.codes.iter().find(|(own, _)| normal(own) == wanted).map(|(own, shares)| (own.as_str(), shares))
    };
    let whole = normal(without_word(code));
    // `B+` is a B where the scheme does not know better.
    let trimmed = whole.trim_end_matches(['+', '-']);
    if let Some(found) = entry(&whole).or_else(|| entry(trimmed)) {
        return Some(vec![found]);
    }
    let parts =
        without_word(code).split(['/', ',', ';', '|', ' ']).map(normal).filter(|part| !part.is_empty());
    let found: Vec<_> = parts.map(|part| entry(&part)).collect::<Option<_>>()?;
    (!found.is_empty()).then_some(found)
}

/// A code without the word before it: `Grade A`, `condition: good`.
fn without_word(code: &str) -> &str {
    const WORDS: [&str; 5] = ["grade", "class", "condition", "cond.", "cond"];
    let code = code.trim();
    let after = WORDS.iter().find_map(|word| {
        let head = code.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
        code[head.len()..].strip_prefix([':', ' '])
    });
    after.unwrap_or(code).trim()
}

/// How codes and names are compared: lower case, one space between words.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Policy;
    use proptest::prelude::*;

    fn read_each(
        codes: &[&str],
        named: Option<&str>,
    ) -> Result<Vec<Result<Graded, UnknownCode>>, SchemeError> {
        let policy = Policy::built_in();
        let stated: Vec<StatedGrade> =
            codes.iter().map(|code| StatedGrade { code: (*code).to_owned(), scheme: None }).collect();
        let stated: Vec<Stated<'_>> =
            stated.iter().zip(1..).map(|(grade, line)| Stated { grade: Some(grade), line }).collect();
        Schemes(&policy.lot.schemes).read(&stated, named)
    }

    fn read(codes: &[&str], named: Option<&str>) -> Result<Vec<Graded>, SchemeError> {
        Ok(read_each(codes, named)?.into_iter().map(Result::unwrap).collect())
    }

    fn refused(codes: &[&str], named: Option<&str>) -> String {
        read(codes, named).unwrap_err().to_string()
    }

    #[test]
    fn letters_and_words_of_listings_need_no_scheme() {
        assert_eq!(read(&["B"], None).unwrap()[0].mixture.most_likely(), Grade::B);
        assert_eq!(read(&["Grade A", "c+"], None).unwrap()[1].mixture.most_likely(), Grade::C);
        assert_eq!(read(&["Very Good"], None).unwrap()[0].words, "Very Good (retail)");
    }

    #[test]
    fn a_code_that_two_schemes_know_is_refused_with_the_names_to_choose_from() {
        let number = refused(&["2"], None);
        assert!(
            number.contains("`2`") && number.contains("five-best") && number.contains("one-best"),
            "{number}"
        );
        assert!(number.contains("--scheme"), "{number}");
        let axis = refused(&["F2"], None);
        assert!(axis.contains("rec") && axis.contains("revend"), "{axis}");
        let mixed = refused(&["B", "2"], None);
        assert!(mixed.contains("no one grade scheme has all of `2` (line 2), `B` (line 1)"), "{mixed}");
    }

    #[test]
    fn a_named_scheme_settles_it_and_a_code_it_lacks_is_told_with_those_it_has() {
        assert_eq!(read(&["2"], Some("one-best")).unwrap()[0].mixture.most_likely(), Grade::B);
        assert_eq!(read(&["2"], Some("stars")).unwrap()[0].mixture.most_likely(), Grade::D);
        assert_eq!(read(&["F2"], Some("SERI REC")).unwrap()[0].mixture.most_likely(), Grade::B);
        let lacks = read_each(&["Q"], Some("letters")).unwrap().remove(0).unwrap_err().to_string();
        assert!(lacks.contains("`Q` is not in the scheme letters (A, B, C, D, E, F, parts)"), "{lacks}");
        assert!(refused(&["A"], Some("mine")).contains("choose one of five-best, letters"));
    }

    #[test]
    fn a_code_that_nobody_knows_leaves_the_others_as_they_are() {
        let read = read_each(&["B", "sold as seen", "C"], None).unwrap();
        assert_eq!(read[0].as_ref().unwrap().words, "B (letters)");
        let unknown = read[1].as_ref().unwrap_err().to_string();
        assert!(unknown.starts_with("grade `sold as seen` is not in the scheme letters"), "{unknown}");
        assert_eq!(read[2].as_ref().unwrap().mixture.most_likely(), Grade::C);
        let alone = read_each(&["sold as seen"], None).unwrap().remove(0).unwrap_err();
        assert_eq!(alone.to_string(), "grade `sold as seen` is in no grade scheme");
    }

    #[test]
    fn the_worse_axis_governs_and_a_tested_unit_is_known_to_work() {
        let read = read(&["F5/C4", "F2 / C6", "C9"], None).unwrap();
        assert_eq!(read[0].mixture.most_likely(), Grade::B);
        assert!(read[0].tested && !read[1].tested);
        let untested = read[1].mixture;
        assert!((untested.share(Grade::ForParts) - 0.15).abs() < 1e-12, "{untested:?}");
        assert_eq!(read[2].mixture.share(Grade::A), 1.0);
    }

    proptest! {
        #[test]
        fn the_worse_of_two_is_a_mixture_no_better_than_either(
            one in prop::array::uniform5(0.0..1.0_f64),
            two in prop::array::uniform5(0.0..1.0_f64),
        ) {
            let mixture = |shares: [f64; 5]| {
                let sum: f64 = shares.iter().sum::<f64>() + 1e-9;
                let mut shares = shares.map(|share| share / sum);
                shares[4] = 1.0 - shares[..4].iter().sum::<f64>();
                Mixture(shares)
            };
            let (one, two) = (mixture(one), mixture(two));
            let worse = one.worse_of(&two);
            prop_assert!((worse.0.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let up_to = |mixture: &Mixture, grade: usize| mixture.0[..=grade].iter().sum::<f64>();
            for grade in 0..GRADES {
                prop_assert!(worse.0[grade] > -1e-12);
                prop_assert!(up_to(&worse, grade) <= up_to(&one, grade).min(up_to(&two, grade)) + 1e-9);
            }
        }
    }
}
