#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| residua_fuzz::targets::lot(bytes));
