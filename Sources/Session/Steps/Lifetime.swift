internal import Core

/// How long a session of several steps may live: a number with `s`, `m`, `h` or `d`.
enum Lifetime {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    private static let most: Int64 = 30 * 86_400

    static func seconds(_ options: Options) throws(Problem) -> Int64 {
        let text = options.text("max-duration") ?? ""
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= most / unit
        else {
            throw options.invalid(
                "max-duration",
                "is no time between 1s and 30d",
                "Write a whole number with its unit: 90s, 30m, 6h or 1d."
            )
        }
        return count * unit
    }
}
