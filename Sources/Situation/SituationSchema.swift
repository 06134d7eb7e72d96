// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Statements of the situational picture.
public enum SituationSchema {
    /// Every statement, for the test that explains them.
    public static let statements = [organisationOfNamespace]

    static let organisationOfNamespace = Statement(
        "situation.organisationOfNamespace",
        "SELECT o.name FROM namespaces n JOIN organisations o ON o.id = n.organisation_id WHERE n.name = ?"
    )
}
