internal import JSONText

/// A line for people, with what a terminal may show of its meaning.
struct Line: Hashable, Sendable {
    /// What a line means; a terminal has a colour for it.
    enum Tone: String, Sendable {
        case plain, strong, good, doubtful, bad, quiet

        /// The terminal's own palette, so that it can be read on any ground.
        var code: String? {
            switch self {
            case .plain: nil
            case .strong: "1"
            case .good: "32"
            case .doubtful: "33"
            case .bad: "31"
            case .quiet: "2"
            }
        }
    }

    let text: String
    let tone: Tone

    init(_ text: String, _ tone: Tone = .plain) {
        self.text = text
        self.tone = tone
    }

    init?(_ json: JSON) {
        guard let parts = json.array, parts.count == 2, let tone = parts[0].string.flatMap(Tone.init(rawValue:)),
            let text = parts[1].string
        else { return nil }
        self.init(text, tone)
    }

    var json: JSON { [.string(tone.rawValue), .string(text)] }

    func colored(_ text: String) -> String { tone.code.map { "\u{1B}[\($0)m\(text)\u{1B}[0m" } ?? text }
}
