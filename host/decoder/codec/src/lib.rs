//! One disposable codec instance behind a raw ABI.
