namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Who joins, leaves and moves in the week.</summary>
internal static class TeammateDeeds
{
    private const string NewAgencyDomain = "studio-linden.example";

    public static void Write(DeedBook book)
    {
        Join(book);
        Leave(book);
        Move(book);
        ChangeTelephones(book);
    }

    /// <summary>An administrator invites a newcomer, who joins some time later.</summary>
    public static void Invite(DeedBook book, Person admin, Person newcomer, int day, double hour)
    {
        book.Write(
            admin, day, hour, "admin_invite_creation", $$"""{"email":"{{newcomer.Email}}"}""", $"{admin.Name} invited {newcomer.Email} to the workspace.");
        var isEmployee = newcomer.Role != Role.Contractor;
        var address = isEmployee ? newcomer.Office.Egress[0] : book.Home(newcomer, day);
        var joined = Calendar.At(admin.Office, day, hour).AddMinutes(book.Draw.Between(20, 180));
        book.Write(newcomer, joined, address, "app_admin_join", "{}", $"{newcomer.Name} joined the workspace.");
        book.Write(newcomer, joined.AddSeconds(5), address, "admin_login_success", """{"sign_in_method":"email_password"}""", $"{newcomer.Name} logged in.");
        book.Write(
            admin, joined.AddMinutes(9), book.ShiftOf(admin, day).Address, "seat_change",
            $$"""{{Target(newcomer)[..^1]}},"before":[],"after":["core"]}""", $"{admin.Name} changed the seats of {newcomer.Name}.");
        book.Close(admin.Email, isEmployee ? $"{newcomer.Name} starts work" : $"{newcomer.Name} of {newcomer.Email.Split('@')[1]} helps for some weeks");
        for (var next = day + 1; next < day + 5; next++)
        {
            if (Calendar.IsWeekend(next)) continue;
            book.SignIns.Succeed(newcomer, Calendar.At(newcomer.Office, next, 9.2), isEmployee ? address : book.Home(newcomer, next));
        }
    }

    private static string Target(Person person) =>
        $$$"""{"admin":{"id":{{{person.AdminId}}},"name":"{{{person.Name}}}","email":"{{{person.Email}}}"}}""";

    private static void Join(DeedBook book)
    {
        var admin = book.Pick(0, Role.Admin, Role.Lead);
        for (var i = 0; i < 3; i++) Invite(book, admin, Company.Newcomer(i, Office.Dublin, Company.Domain, Role.Agent), 0, 10 + (i * 0.05));
        Invite(
            book, book.Pick(Calendar.Tuesday, Role.Admin, Role.Lead),
            Company.Newcomer(3, Office.Dublin, EarlierDeeds.AgencyDomain, Role.Contractor), Calendar.Tuesday, 11.4);
        if (!book.Has(timesAYear: 6)) return;

        Invite(
            book, book.Pick(Calendar.Wednesday, Role.Admin, Role.Lead),
            Company.Newcomer(4, Office.Dublin, NewAgencyDomain, Role.Contractor), Calendar.Wednesday, 14.2);
    }

    private static void Leave(DeedBook book)
    {
        // Of those whose last shift is over by then.
        var leavers = book.Company.With(Role.Agent).Where(p => p.Office == Office.Manila && p.FirstHour == 9 && !p.HasWeekendShift).Take(4).ToList();
        var admin = book.Pick(Calendar.Friday, p => p.Office == Office.Dublin, Role.Admin, Role.Lead);
        foreach (var (i, leaver) in leavers.Take(2).Index())
        {
            book.Write(admin, Calendar.Friday, 16.4 + (i * 0.04), "seat_revoke", Target(leaver), $"{admin.Name} revoked a seat of {leaver.Name}.");
            book.Write(admin, Calendar.Friday, 16.42 + (i * 0.04), "admin_deletion", Target(leaver), $"{admin.Name} removed {leaver.Name}.");
        }

        book.Close(admin.Email, "Two people leave at the end of the month");
        var run = Calendar.Monday.AddDays(5).AddHours(6);
        foreach (var (i, leaver) in leavers.Skip(2).Index())
            book.Write(null, run.AddSeconds(i * 3), null, "admin_deprovisioned", Target(leaver), $"{leaver.Name} was deprovisioned.");
        book.Close(null, "The identity provider removes two people who left");
    }

    private static void Move(DeedBook book)
    {
        const string Before = """{"permissions":{"export_data":false,"manage_teammates":false}}""";
        const string After = """{"permissions":{"export_data":true,"manage_teammates":false}}""";
        (int Day, double Hour, string Why)[] moves = [(0, 15.1, "becomes team lead"), (Calendar.Thursday, 11.7, "takes over the reports")];
        foreach (var (day, hour, why) in moves)
        {
            var (admin, person) = (book.Pick(day, Role.Admin, Role.Lead), book.Pick(day, Role.Agent));
            var metadata = $$"""{{Target(person)[..^1]}},"before":{{Before}},"after":{{After}}}""";
            book.Write(admin, day, hour, "admin_permission_change", metadata, $"{admin.Name} changed the permissions of {person.Name}.");
            book.Close(admin.Email, $"{person.Name} {why}");
        }

        if (book.Has(timesAYear: 12)) ChangeRole(book);
        if (book.Has(timesAYear: 4)) GiveUpSeats(book);

        for (var i = 0; i < 8; i++)
        {
            var day = book.Draw.Between(0, Calendar.Friday);
            var (lead, agent) = (book.Pick(day, Role.Lead, Role.Admin), book.Draw.Of(book.Company.People));
            var metadata = $$"""
                {"team":{"id":{{5_000 + book.Draw.Below(14)}},"name":"Support"},"before":[{{lead.AdminId}}],"after":[{{lead.AdminId}},{{agent.AdminId}}]}
                """;
            book.Write(lead, day, 10 + book.Draw.Below(6), "app_team_membership_modification", metadata, $"{lead.Name} changed the members of Support.");
            book.Close(lead.Email, $"{agent.Name} joins another team");
        }
    }

    private static void ChangeRole(DeedBook book)
    {
        var owner = book.Pick(Calendar.Tuesday, Role.Admin, Role.Lead);
        book.Write(
            owner, Calendar.Tuesday, 10.3, "role_change", """{"role":{"id":812,"name":"Team lead"},"before":"Team lead","after":"Team lead"}""",
            $"{owner.Name} changed the role Team lead.");
        book.Close(owner.Email, "Team leads may see reports of other teams");
    }

    private static void GiveUpSeats(DeedBook book)
    {
        var reviewer = book.Pick(Calendar.MonthEnd, Role.Admin, Role.Lead);
        var seats = book.Company.With(Role.Product, Role.Sales, Role.Marketing).Take(6).ToList();
        foreach (var (i, person) in seats.Index())
            book.Write(reviewer, Calendar.MonthEnd, 15.5 + (i * 0.02), "seat_revoke", Target(person), $"{reviewer.Name} revoked a seat of {person.Name}.");
        book.Close(reviewer.Email, "Unused seats are given up at the end of the quarter");
    }

    private static void ChangeTelephones(DeedBook book)
    {
        for (var i = 0; i < 3; i++)
        {
            var day = book.Draw.Between(0, Calendar.Friday);
            var person = book.Pick(day, Role.Agent);
            var at = book.ShiftOf(person, day).Start.AddMinutes(40);
            var address = book.ShiftOf(person, day).Address;
            // One of the three has the old telephone still and only replaces it.
            if (i > 0)
                book.Write(
                    person, at, address, "admin_two_factor_auth_change", """{"before":"enabled","after":"disabled"}""",
                    $"{person.Name} changed their two factor authentication.");
            book.Write(
                person, at.AddMinutes(3), address, "admin_two_factor_auth_change",
                $$"""{"before":"{{(i > 0 ? "disabled" : "enabled")}}","after":"enabled"}""", $"{person.Name} changed their two factor authentication.");
            book.Close(person.Email, "Has a new telephone");
        }
    }
}
