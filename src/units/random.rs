//! Numbers that look random and are the same in every run.
//!
//! In: a seed. Out: bits, uniform and standard normal draws. The generator is SplitMix64 (Steele, Lea and Flood,
//! "Fast splittable pseudorandom number generators", 2014): one addition and a mixing of bits a draw, good enough
//! for bootstraps and simulations, and short enough to need no dependency. Not for secrets.

use super::normal::standard_normal_point;

/// What a number adds to the state: 2⁶⁴ over the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The stream that belongs to a seed.
    pub const fn new(seed: u64) -> SplitMix64 {
        SplitMix64(seed)
    }

    /// The stream from a later place on: as if so many numbers had been drawn before.
    #[must_use]
    pub const fn skipped(self, numbers: u64) -> SplitMix64 {
        SplitMix64(self.0.wrapping_add(numbers.wrapping_mul(STEP)))
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// The next number between 0 and 1, neither included.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// The next standard normal number, by inversion.
    pub fn normal(&mut self) -> f64 {
        standard_normal_point(self.uniform())
    }

    /// The next whole number below `count` (0 when `count` is 0).
    pub const fn below(&mut self, count: usize) -> usize {
        ((self.bits() as u128 * count as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_of_the_published_generator() {
        // The first outputs of splitmix64.c (Vigna) for the seed 1234567.
        let mut draws = SplitMix64::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(expected.map(|_| draws.bits()), expected);
    }

    #[test]
    fn a_stream_can_be_entered_anywhere() {
        let mut draws = SplitMix64::new(5);
        let all: Vec<f64> = (0..10).map(|_| draws.normal()).collect();
        let mut later = SplitMix64::new(5).skipped(7);
        assert_eq!(all[7..], [later.normal(), later.normal(), later.normal()]);
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut draws = SplitMix64::new(7);
        let count = 100_000;
        let normals: Vec<f64> = (0..count).map(|_| draws.normal()).collect();
        let mean = normals.iter().sum::<f64>() / f64::from(count);
        let variance = normals.iter().map(|value| value * value).sum::<f64>() / f64::from(count);
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let mut faces = [0; 6];
        for _ in 0..60_000 {
            faces[draws.below(6)] += 1;
        }
        assert!(faces.iter().all(|face: &i32| (face - 10_000).abs() < 400), "{faces:?}");
    }
}
