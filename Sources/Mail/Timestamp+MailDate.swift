// SPDX-License-Identifier: EUPL-1.2

import Time

extension Timestamp {
    /// `Thu, 26 Nov 2026 09:14:00 +0000`.
    ///
    /// Source: RFC 5322, 3.3.
    var mailDate: String {
        let (date, second) = (date, secondOfDay)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 1970-01-01 was a Thursday.
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let weekday = Int((date.daysSinceEpoch % 7 + 7) % 7)
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[weekday]), \(date.day) \(months[Int(date.month) - 1]) \(date.year) "
            + "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60)) +0000"
    }
}
