namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>The rare deeds of the month before: what the company knows already when the week begins.</summary>
internal static class EarlierDeeds
{
    public const string AgencyDomain = "fieldcrew.example";

    private static readonly string[] KnownHosts = ["hooks.harbourdesk.example", "hooks.ticketbridge.example", "events.mapleline.example"];

    public static void Write(DeedBook book)
    {
        for (var i = 0; i < 9; i++)
        {
            var isAgency = i % 4 == 3;
            var day = -27 + (i / 3 * 7);
            var admin = book.Pick(day, Role.Admin, Role.Lead);
            var newcomer = Company.Newcomer(20 + i, Office.Dublin, isAgency ? AgencyDomain : Company.Domain, isAgency ? Role.Contractor : Role.Agent);
            TeammateDeeds.Invite(book, admin, newcomer, day, 10 + (i % 3));
        }

        foreach (var (i, host) in KnownHosts.Index())
        {
            var day = -26 + (i * 7);
            WorkspaceDeeds.InstallApp(book, book.Pick(day, Role.Product, Role.Admin, Role.Lead), day, 11, $"App {i + 1}", host);
        }

        var enforcer = book.Pick(-5, Role.Admin, Role.Lead);
        book.Write(
            enforcer, Calendar.SsoEnforced, book.ShiftOf(enforcer, -5).Address, "app_authentication_method_change",
            """{"before":["email_password","google_oauth","saml"],"after":["email_password","saml"]}""",
            $"{enforcer.Name} changed the authentication methods.");
        book.Close(enforcer.Email, "Google is no longer a way to sign in");

        book.Write(Company.ExportAccount, Calendar.Monday.AddDays(-27).AddHours(2), null, "bulk_export", """{"count":48211,"format":"csv"}""", "Export.");
        book.Close(Company.ExportAccount.Email, "Scheduled export of the month before");

        var finance = book.Pick(-20, Role.Billing, Role.Finance);
        var actor = SequenceActor.Of(finance);
        book.Write(actor, Calendar.At(finance.Office, -20, 11), "CREATED", "INTEGRATION", 4);
        book.Write(actor, Calendar.At(finance.Office, -20, 11.5), "UPDATED", "NOTIFICATION_POLICY", 1);
        book.Write(actor, Calendar.At(finance.Office, -20, 12), "INVITED", "USER", 4_500);
        book.Close(finance.Email, "A new integration of the month before");
    }
}
