/// Seconds since 1970 UTC. A fact, never "now": clocks are passed in at the edges.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with whole seconds, for example `2024-03-01T10:20:30Z`.
    public var description: String {
        let days = seconds.floorDivided(by: 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = civil(days: days)
        let time = "\(pad(rest / 3_600)):\(pad(rest / 60 % 60)):\(pad(rest % 60))"
        return "\(pad(year, 4))-\(pad(month))-\(pad(day))T\(time)Z"
    }

    /// The calendar day in UTC, for example `2024-03-01`.
    public var day: String { String(description.prefix(10)) }

    /// Reads RFC 3339 (`2024-03-01T10:20:30.123Z`, `…+02:00`), also with a space for the `T`, also a bare day.
    /// Without an offset the time is UTC, as PyPI and npm mean it. Anything else is `nil`.
    public init?(rfc3339 text: String) {
        var reader = FieldReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), let midnight = Timestamp.midnight(year, month, day)
        else { return nil }
        if reader.isAtEnd {
            self.init(seconds: midnight)
            return
        }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let time = reader.timeOfDay(),
            let offset = reader.offset(), reader.isAtEnd,
            Timestamp.printable.contains(midnight + time - offset)
        else { return nil }
        self.init(seconds: midnight + time - offset)
    }

    /// Reads an HTTP date (RFC 9110 §5.6.7, the preferred form only): `Sun, 06 Nov 1994 08:49:37 GMT`.
    public init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), let year = Int64(parts[3]),
            let month = Timestamp.months.firstIndex(of: String(parts[2])),
            let midnight = Timestamp.midnight(year, Int64(month + 1), day)
        else { return nil }
        var reader = FieldReader(String(parts[4]))
        guard let time = reader.timeOfDay(), reader.isAtEnd, Timestamp.printable.contains(midnight + time) else {
            return nil
        }
        self.init(seconds: midnight + time)
    }

    /// The time as an HTTP date.
    public var httpDate: String {
        let days = seconds.floorDivided(by: 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = civil(days: days)
        let weekday = Timestamp.weekdays[Int(((days % 7) + 11) % 7)]
        let time = "\(pad(rest / 3_600)):\(pad(rest / 60 % 60)):\(pad(rest % 60))"
        return "\(weekday), \(pad(day)) \(Timestamp.months[Int(month - 1)]) \(pad(year, 4)) \(time) GMT"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// The years 1 to 9999, which have four digits: an offset or a leap second may lead out of them.
    private static let printable: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    private static func midnight(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let isShort = [4, 6, 9, 11].contains(month)
        guard day <= (month == 2 ? (isLeap ? 29 : 28) : isShort ? 30 : 31) else { return nil }
        let (m, y) = month <= 2 ? (month + 9, year - 1) : (month - 3, year)
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * m + 2) / 5 + day - 1
        return (era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468) * 86_400
    }
}

/// The proleptic Gregorian date of a day number (days since 1970-01-01).
private func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func pad(_ value: Int64, _ width: Int = 2) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Reads fixed-width numbers and single characters from ASCII text.
private struct FieldReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        guard rest.count >= width else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(width) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        rest = rest.dropFirst(width)
        return value
    }

    /// `HH:MM:SS` with an optional fraction, which is dropped.
    mutating func timeOfDay() -> Int64? {
        guard let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        if take(".") || take(",") {
            var digits = 0
            while let byte = rest.first, (0x30...0x39).contains(byte) {
                rest.removeFirst()
                digits += 1
            }
            guard digits > 0 else { return nil }
        }
        return hour * 3_600 + minute * 60 + second
    }

    /// `Z`, nothing, or `±HH:MM`, in seconds east of UTC.
    mutating func offset() -> Int64? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hour = number(2) else { return nil }
        _ = take(":")
        guard let minute = number(2), hour < 24, minute < 60 else { return nil }
        return sign * (hour * 3_600 + minute * 60)
    }
}
