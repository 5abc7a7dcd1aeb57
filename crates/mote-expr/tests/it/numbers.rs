//! How numbers are written: RFC 8785, appendix B, and the edges of what a value holds.

use mote_expr::{INT_MAX, Value, parse};

#[track_caller]
fn check(bits: u64, expected: Option<&str>) {
    let number = f64::from_bits(bits);
    let found = Value::number(number).map(|value| value.to_string());
    assert_eq!(found.as_deref(), expected, "{bits:016x} {number:e}");
    if let Some(text) = expected {
        assert_eq!(parse(text.as_bytes()).unwrap(), Value::number(number).unwrap(), "{text}");
    }
}

#[test]
fn the_samples_of_rfc_8785() {
    check(0x0000_0000_0000_0000, Some("0"));
    check(0x8000_0000_0000_0000, Some("0"));
    check(0x0000_0000_0000_0001, Some("5e-324"));
    check(0x8000_0000_0000_0001, Some("-5e-324"));
    check(0x3eb0_c6f7_a0b5_ed8d, Some("0.000001"));
    check(0x3eb0_c6f7_a0b5_ed8c, Some("9.999999999999997e-7"));
    check(0x41b3_de43_5555_5553, Some("333333333.3333332"));
    check(0x41b3_de43_5555_5554, Some("333333333.33333325"));
    check(0x41b3_de43_5555_5555, Some("333333333.3333333"));
    check(0x41b3_de43_5555_5556, Some("333333333.3333334"));
    check(0x41b3_de43_5555_5557, Some("333333333.33333343"));
    check(0xbecb_f647_612f_3696, Some("-0.0000033333333333333333"));
    check(0x4314_3ff3_c1cb_0959, Some("1424953923781206.2"));
}

/// RFC 8785 writes these; a value does not hold them, since a language would round them.
#[test]
fn the_samples_beyond_a_value() {
    for bits in [
        0x7fef_ffff_ffff_ffff, // 1.7976931348623157e+308
        0xffef_ffff_ffff_ffff,
        0x4340_0000_0000_0000, // 9007199254740992
        0xc340_0000_0000_0000,
        0x4430_0000_0000_0000, // 295147905179352830000
        0x44b5_2d02_c7e1_4af5,
        0x44b5_2d02_c7e1_4af6,
        0x7fff_ffff_ffff_ffff, // NaN
        0x7ff0_0000_0000_0000, // infinity
        0xfff0_0000_0000_0000,
    ] {
        check(bits, None);
    }
}

#[test]
fn the_edges_of_integers() {
    check((INT_MAX as f64).to_bits(), Some("9007199254740991"));
    check((-(INT_MAX as f64)).to_bits(), Some("-9007199254740991"));
    assert_eq!(Value::Int(0).to_string(), "0");
    // A value made by hand is written whole, even where no parser would admit it.
    assert_eq!(Value::Int(i64::MIN).to_string(), "-9223372036854775808");
}
