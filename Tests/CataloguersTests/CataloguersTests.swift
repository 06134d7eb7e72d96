// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import Testing

@Suite("cataloguers")
struct CataloguersTests {
    @Test("names are unique, for they are keys of caches")
    func namesAreUnique() {
        let names = Cataloguers.all.map { $0.name }
        #expect(Set(names).count == names.count)
    }
}
