import Core
import Storage
import Testing

@testable import Registry

@Suite struct DeclinedTests {
    @Test func anAskerWhoWentAwayMeetsADeadlineAndNoChange() {
        let declined = Declined(RecordsError.cancelled)
        #expect(declined.problem.code == .deadlineExceeded)
        #expect(declined.status == 504)
    }

    @Test func aFullDiskIsTheOperatorsAndABusyOneIsAskedAgain() {
        #expect(Declined(RecordsError.full).problem.code == .storageFull)
        #expect(Declined(RecordsError.busy).problem.code.mayRetry)
    }
}
