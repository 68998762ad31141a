namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Settings, integrations, exports and erasures of the week in Intercom.</summary>
internal static class WorkspaceDeeds
{
    public static void Write(DeedBook book)
    {
        if (book.Has(timesAYear: 4)) ChangeSecurity(book);
        if (book.Has(timesAYear: 6)) TuneContent(book);
        if (book.Has(timesAYear: 12))
            InstallApp(book, book.Pick(Calendar.Thursday, Role.Product, Role.Admin, Role.Lead), Calendar.Thursday, 10.6, "Flow Grid", "hooks.flowgrid.example");
        if (book.Has(timesAYear: 8)) RotateToken(book);
        Export(book);
        Erase(book);
        if (book.Has(timesAYear: 6)) GetHelp(book);
        if (book.Has(timesAYear: 1)) Rebrand(book);
    }

    public static void InstallApp(DeedBook book, Person person, int day, double hour, string app, string host)
    {
        book.Write(person, day, hour, "app_package_installation", $$"""{"app_package":"{{app}}"}""", $"{person.Name} installed {app}.");
        var metadata = $$$"""
            {"webhook":{"id":"{{{book.Draw.Bits():x16}}}","url":"https://{{{host}}}/intercom","topics":["conversation.user.created"]}}
            """;
        book.Write(person, day, hour + 0.3, "app_webhook_creation", metadata, $"{person.Name} created a webhook.");
        book.Close(person.Email, $"The integration team puts {app} into use");
    }

    private static void ChangeSecurity(DeedBook book)
    {
        var admin = book.Pick(Calendar.Wednesday, Role.Admin, Role.Lead);
        book.Write(
            admin, Calendar.Wednesday, 11.1, "security_settings_change", """{"changes":{"session_minutes":{"before":1440,"after":720}}}""",
            $"{admin.Name} changed the security settings.");
        book.Close(admin.Email, "Planned change: sessions end after twelve hours");
    }

    private static void TuneContent(DeedBook book)
    {
        var admin = book.Pick(Calendar.Thursday, Role.Admin, Role.Lead);
        book.Write(
            admin, Calendar.Thursday, 14.1, "content_redaction_rule_update", """{"before":"card numbers","after":"card numbers and IBAN"}""",
            $"{admin.Name} updated a redaction rule.");
        book.Write(
            admin, Calendar.Thursday, 14.3, "allowed_attachment_filetypes_setting_change", """{"before":["pdf","png"],"after":["pdf","png","heic"]}""",
            $"{admin.Name} changed the allowed file types.");
        book.Close(admin.Email, "Customers send pictures as HEIC, and card rules miss IBAN");
    }

    private static void RotateToken(DeedBook book)
    {
        var person = book.Pick(Calendar.Friday, Role.Product, Role.Admin, Role.Lead);
        book.Write(
            person, Calendar.Friday, 11.2, "app_package_token_regeneration", """{"app_package":"Warehouse loader"}""",
            $"{person.Name} regenerated the token of Warehouse loader.");
        book.Close(person.Email, "The token of the warehouse loader is rotated every quarter");
    }

    private static void Export(DeedBook book)
    {
        book.Write(
            Company.ExportAccount, Calendar.Monday.AddDays(Calendar.Thursday).AddHours(2), null, "bulk_export", """{"count":51377,"format":"csv"}""",
            "Reporting export exported many records.");
        book.Close(Company.ExportAccount.Email, "Scheduled export on the first of the month");

        if (book.Has(timesAYear: 4))
        {
            var person = book.Pick(Calendar.Tuesday, Role.Lead, Role.Admin);
            book.Write(
                person, Calendar.Tuesday, 15.2, "app_data_export", """{"external_id":null}""", $"{person.Name} exported data of your workspace.");
            book.Close(person.Email, "Conversations of the quarter for the review of quality");
        }

        var people = Enumerable.Range(0, 6).Select(i => (Day: i % 5, Person: book.Pick(i % 5, Role.Lead, Role.Agent))).ToList();
        foreach (var (i, (day, reader)) in people.Index())
        {
            for (var k = 0; k < (i == 0 ? 4 : i == 1 ? 2 : 1); k++)
                book.Write(
                    reader, day, 11 + (k * 0.1), "conversation_pdf_export", $$"""{"conversation_id":"{{book.Draw.Between(1_000_000, 9_000_000)}}"}""",
                    $"{reader.Name} exported a conversation as PDF.");
            book.Close(reader.Email, i == 0 ? "A customer's lawyer asked for four conversations" : "A customer asked for a copy");
        }
    }

    private static void Erase(DeedBook book)
    {
        for (var request = 0; request < 2; request++)
        {
            var day = request == 0 ? 0 : Calendar.Thursday;
            var person = book.Pick(day, Role.Lead, Role.Admin);
            for (var i = 0; i < 3; i++)
                book.Write(
                    person, day, 16 + (i * 0.05), "app_data_deletion", $$"""{"external_id":"{{book.Draw.Bits():x16}}"}""", $"{person.Name} deleted a contact.");
            book.Close(person.Email, "A customer asked for erasure; there were three contacts");
        }
    }

    private static void GetHelp(DeedBook book)
    {
        var admin = book.Pick(Calendar.Tuesday, Role.Admin, Role.Lead);
        var consent = $$"""{"consent_id":149673,"expired_at":"{{Calendar.Monday.AddDays(3).UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}}"}""";
        book.Write(admin, Calendar.Tuesday, 14, "admin_impersonation_consent_approved", consent, $"{admin.Name} approved an impersonation.");
        book.Write(admin, Calendar.At(admin.Office, 1, 15.5), "54.77.210.14", "admin_impersonation_start", "{}", $"An impersonation of {admin.Name} started.");
        book.Write(admin, Calendar.At(admin.Office, 1, 16.1), "54.77.210.14", "admin_impersonation_end", "{}", $"An impersonation of {admin.Name} ended.");
        book.Close(admin.Email, "The vendor's support looks at a case, with consent");
    }

    private static void Rebrand(DeedBook book)
    {
        var person = book.Pick(
            Calendar.Release, p => p.Office == Office.Dublin && Plan.TakesPartInRelease(p), Role.Marketing, Role.Admin, Role.Lead, Role.Agent);
        book.Write(
            person, Calendar.Release, 11.8, "customer_facing_name_change", """{"before":"Harbour Desk","after":"Harbour Desk Support"}""",
            $"{person.Name} changed the name that customers see.");
        book.Write(
            person, Plan.ReleaseAt.AddMinutes(25), book.ShiftOf(person, Calendar.Release).Address, "message_state_change",
            """{"message":{"id":7001,"title":"What is new in autumn"},"before":"draft","after":"live"}""", $"{person.Name} set a message live.");
        book.Close(person.Email, "The release has a new name, and its messages go live");

        var admin = book.Pick(Calendar.Friday, Role.Admin, Role.Lead);
        book.Write(
            admin, Calendar.Friday, 12.2, "app_outbound_address_change",
            $$"""{"before":"help@{{Company.Domain}}","after":"support@{{Company.Domain}}"}""", $"{admin.Name} changed the outbound address.");
        book.Close(admin.Email, "The address of mails follows the new name");
    }
}
