//! The order of channels in Vorbis, which Opus took over (Vorbis I, section 4.3.9; RFC 7845, section 5.1.1.2).

/// For 1 to 8 channels: which Vorbis channel comes at each place of the WAVE order, and the names in that order.
pub(crate) const CHANNEL_ORDERS: [(&[usize], &[&str]); 8] = [
    (&[0], &["FC"]),
    (&[0, 1], &["FL", "FR"]),
    (&[0, 2, 1], &["FL", "FR", "FC"]),
    (&[0, 1, 2, 3], &["FL", "FR", "BL", "BR"]),
    (&[0, 2, 1, 3, 4], &["FL", "FR", "FC", "BL", "BR"]),
    (&[0, 2, 1, 5, 3, 4], &["FL", "FR", "FC", "LFE", "BL", "BR"]),
    (&[0, 2, 1, 6, 5, 3, 4], &["FL", "FR", "FC", "LFE", "BC", "SL", "SR"]),
    (&[0, 2, 1, 7, 5, 6, 3, 4], &["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"]),
];
