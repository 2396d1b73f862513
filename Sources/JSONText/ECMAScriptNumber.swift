/// The text of a number as ECMAScript's Number::toString gives it, which RFC 8785 asks for.
enum ECMAScriptNumber {
    static func text(_ value: Double) -> String {
        // JSON has no word for these; JSON.stringify prints null.
        guard value.isFinite else { return "null" }
        guard value != 0 else { return "0" }
        let (digits, point) = shortest(value.magnitude)
        return (value < 0 ? "-" : "") + layout(digits, point: point)
    }

    /// The shortest digits that read back as `value`, and how many of them stand before the point.
    private static func shortest(_ value: Double) -> (digits: [Character], point: Int) {
        var digits: [Character] = []
        var point = 0
        var seenPoint = false
        let parts = value.description.split(separator: "e")
        for character in parts[0] {
            if character == "." {
                seenPoint = true
            } else if !digits.isEmpty || character != "0" {
                digits.append(character)
                if !seenPoint { point += 1 }
            } else if seenPoint {
                point -= 1
            }
        }
        while digits.last == "0" { digits.removeLast() }
        if parts.count > 1, let exponent = Int(parts[1]) { point += exponent }
        return (digits, point)
    }

    private static func layout(_ digits: [Character], point: Int) -> String {
        let count = digits.count
        switch point {
        case count...21:
            return String(digits) + String(repeating: "0", count: point - count)
        case 1...21:
            return String(digits[..<point]) + "." + String(digits[point...])
        case -5...0:
            return "0." + String(repeating: "0", count: -point) + String(digits)
        default:
            let exponent = point - 1
            let mantissa = count == 1 ? String(digits) : String(digits[..<1]) + "." + String(digits[1...])
            return mantissa + (exponent < 0 ? "e-" : "e+") + String(exponent.magnitude)
        }
    }
}
