/// The word that was probably meant, or nil when none is near: for hints about unknown keys.
public func nearestSpelling(of word: String, among words: [String]) -> String? {
    let asked = Array(word.lowercased().prefix(64).map { $0 == "-" ? "_" : $0 })
    let limit = asked.count < 4 ? 1 : max(2, asked.count / 3)
    var best: (word: String, distance: Int)?
    for candidate in words {
        let distance = editDistance(asked, Array(candidate.lowercased().map { $0 == "-" ? "_" : $0 }))
        if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
}

/// Insertions, deletions, changes and swaps of neighbours between two texts.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for row in a.indices {
        var current = [row + 1]
        for column in b.indices {
            var cost = min(
                previous[column + 1] + 1,
                current[column] + 1,
                previous[column] + (a[row] == b[column] ? 0 : 1)
            )
            if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] {
                cost = min(cost, before[column - 1] + 1)
            }
            current.append(cost)
        }
        before = previous
        previous = current
    }
    return previous[b.count]
}
