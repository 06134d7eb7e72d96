// SPDX-License-Identifier: EUPL-1.2

extension StringProtocol {
    /// The beginning of a text for an error that repeats it: at most so many code points.
    ///
    /// Not `prefix`, which counts what people see as one letter: a letter with a million accents is one, and an error would be a megabyte.
    public func excerpt(_ count: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(count))) }
}
