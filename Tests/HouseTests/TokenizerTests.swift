import Testing

/// The reader that every rule below stands on.
@Suite struct TokenizerTests {
    private func words(_ text: String) -> [String] { Tokenizer.tokens(of: text).map(\.text) }

    @Test func leavesCommentsAndStringsOut() {
        #expect(words("a // unsafe\n/* unsafe /* nested */ */ b \"unsafe { \\\" \" c") == ["a", "b", "\"", "c"])
        #expect(words("#\"raw \" { \"# d \"\"\"\nlong \" {\n\"\"\" e") == ["\"", "d", "\"", "e"])
    }

    @Test func readsCodeInsideStrings() {
        #expect(words(#""x \(f(unsafe g, "in")) y" z"#) == ["\"", "f", "(", "unsafe", "g", ",", "\"", ")", "z"])
    }

    @Test func knowsLinesAndNeighbours() {
        let tokens = Tokenizer.tokens(of: "try!\n\"\"\"\n\n\"\"\"\nx")
        #expect(tokens.map(\.line) == [1, 1, 2, 5])
        #expect(tokens[1].isAdjacent && tokens[2].isFirst && !tokens[1].isFirst)
    }
}
