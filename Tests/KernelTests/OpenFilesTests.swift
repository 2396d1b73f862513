import Kernel
import Testing

/// How many files may be open.
@Suite struct OpenFilesTests {
    @Test func theLimitIsRaisedAndNeverLowered() throws {
        let before = try #require(OpenFiles.raiseLimit(to: 0))
        #expect(before > 0)
        #expect(OpenFiles.raiseLimit(to: 1) == before)
        let after = try #require(OpenFiles.raiseLimit(to: before + 1))
        // Without privileges the machine's own limit may stand in the way.
        #expect(after == before || after == before + 1)
        #expect(OpenFiles.raiseLimit(to: 1) == after)
    }
}
