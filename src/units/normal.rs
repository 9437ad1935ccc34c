//! Points of the standard normal distribution.
//!
//! In: a share. Out: the point that this share of a standard normal variable is below. Rational approximations of Wichura's
//! algorithm AS 241 (Applied Statistics 37, 1988), right to about one part in 10¹⁶: one near the middle, where six of
//! seven draws fall and neither a logarithm nor a root is needed, and two for the tails.

/// Half the share that counts as the middle, and its square.
const MIDDLE: f64 = 0.425;
const MIDDLE_SQUARED: f64 = 0.180_625;

/// Root of −ln(tail) from which on a tail is far out.
const FAR: f64 = 5.0;

/// Numerator and denominator of an approximation, constant term first.
type Ratio = ([f64; 8], [f64; 8]);

/// In `0.425² − (share − ½)²`.
const IN_THE_MIDDLE: Ratio = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
);

/// In `√(−ln tail) − 1.6`.
const IN_THE_TAIL: Ratio = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);

/// In `√(−ln tail) − 5`.
const FAR_OUT: Ratio = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_9,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

/// The point that a share of a standard normal variable is below: −∞ for a share of 0 or less, +∞ for 1 or more.
pub fn standard_normal_point(share: f64) -> f64 {
    let off_middle = share - 0.5;
    if off_middle.abs() <= MIDDLE {
        return off_middle * ratio(&IN_THE_MIDDLE, MIDDLE_SQUARED - off_middle * off_middle);
    }
    let tail = if off_middle < 0.0 { share } else { 1.0 - share };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(off_middle);
    }
    let root = (-tail.ln()).sqrt();
    let distance = if root <= FAR { ratio(&IN_THE_TAIL, root - 1.6) } else { ratio(&FAR_OUT, root - FAR) };
    distance.copysign(off_middle)
}

fn ratio((numerator, denominator): &Ratio, at: f64) -> f64 {
    let polynomial = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * at + term);
    polynomial(numerator) / polynomial(denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn points_are_those_of_the_tables() {
        // Abramowitz and Stegun, table 26.5; the far ones from Wichura's own check.
        for (share, point) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_6),
            (0.975, 1.959_963_984_540_05),
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
        ] {
            let found = standard_normal_point(share);
            assert!((found - point).abs() <= 2e-15 * point.abs().max(1.0) + 5e-15, "{share}: {found}");
        }
        assert_eq!(standard_normal_point(0.0), f64::NEG_INFINITY);
        assert_eq!(standard_normal_point(1.0), f64::INFINITY);
    }

    #[test]
    fn another_algorithm_finds_the_same_points() {
        let other = Normal::standard();
        for step in 1..20_000 {
            let share = f64::from(step) / 20_000.0;
            let (own, others) = (standard_normal_point(share), other.inverse_cdf(share));
            assert!((own - others).abs() <= 4e-15 * others.abs().max(1.0), "{share}: {own} {others}");
        }
    }
}
