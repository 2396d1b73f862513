import Isolation
import Testing

@testable import Session

/// What somebody tried is told once for each place, and never without a bound.
@Suite struct AttemptLedgerTests {
    @Test func `The canary's attempts are nobody's`() {
        let ledger = AttemptLedger()
        #expect(!ledger.isNew(Attempt("connect", to: "192.0.2.1:9", by: 4)))
        ledger.open()
        #expect(ledger.isNew(Attempt("connect", to: "192.0.2.1:9", by: 4)))
    }

    @Test func `What comes again is counted, and told once more`() {
        let ledger = AttemptLedger()
        ledger.open()
        let attempt = Attempt("connect", to: "1.1.1.1:443", by: 4)
        #expect(ledger.isNew(attempt) && !ledger.isNew(attempt) && !ledger.isNew(attempt))
        #expect(ledger.settle().again.map(\.count) == [2])
        #expect(ledger.settle().again.isEmpty)
    }

    @Test func `A million places are a bounded number of lines`() {
        let ledger = AttemptLedger()
        ledger.open()
        let told = (0..<100_000).count {
            ledger.isNew(Attempt("connect", to: "10.0.\($0 / 256).\($0 % 256):80", by: 4))
        }
        #expect(told == AttemptLedger.most)
        #expect(ledger.settle().others == Int64(100_000 - AttemptLedger.most))
    }

    @Test func `Ways to declared services survive the note that steps read`() {
        var note = FenceNote(port: 4_711)
        note.services = [.init(addresses: [0x0A00_0001, 0x0A00_0002], port: 5_432, door: 40_001)]
        #expect(note.words == ["10.0.0.1,10.0.0.2:5432=40001"])
        #expect(FenceNote(note.words, port: 4_711) == note)
        #expect(FenceNote(["nonsense", "1.2.3.4:x=1"], port: 1).services.isEmpty)
    }
}
