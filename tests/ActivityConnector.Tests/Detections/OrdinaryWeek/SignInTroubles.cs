namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Sign-ins that go wrong for a known reason.</summary>
internal static class SignInTroubles
{
    private static readonly Role[] Anyone = [Role.Agent, Role.Sales, Role.Marketing, Role.Product, Role.Lead];

    public static void Write(DeedBook book, bool hasOutage)
    {
        var teammates = book.Company.People.Count(p => p.UsesIntercom);
        for (var i = Math.Max(2, teammates / 85); i > 0; i--)
            Forget(book, book.Draw.Chance(0.6) ? 0 : book.Draw.Between(Calendar.Tuesday, Calendar.Friday));
        for (var i = book.Has(timesAYear: 4) ? Math.Max(2, teammates / 130) : 0; i > 0; i--) ActByHabit(book, book.Draw.Between(0, Calendar.Wednesday));
        if (book.Has(timesAYear: 26)) StalePasswordManager(book);
        if (book.Has(timesAYear: 12)) MistypeBeforeReport(book);
        ShareAddresses(book, hasOutage);
    }

    private static void Forget(DeedBook book, int day)
    {
        var person = book.Pick(day, p => p.HasPassword, book.Draw.Of(Anyone), Role.Agent);
        book.Trouble(person, day);
        var (at, address) = (book.ShiftOf(person, day).Start.AddSeconds(-20), book.ShiftOf(person, day).Address);
        book.Write(person, at, address, "admin_password_reset_success", "null", $"{person.Name} reset their password.");
        at = at.AddSeconds(-book.Draw.Between(60, 180));
        book.Write(person, at, address, "admin_password_reset_request", "null", $"{person.Name} asked for a password reset.");
        for (var i = book.Draw.Between(4, 7); i > 0; i--)
        {
            at = at.AddSeconds(-book.Draw.Between(8, 40));
            Fail(book, person, at, address);
        }

        book.Mark(WeekRecord.Intercom, book.ShiftOf(person, day).Start, "admin_login_success");
        book.Close(person.Email, "Forgot the password, reset it and signed in");
    }

    private static void ActByHabit(DeedBook book, int day)
    {
        var person = book.Pick(day, p => p.UsedGoogle, book.Draw.Of(Anyone), Role.Agent);
        book.Trouble(person, day);
        var at = book.ShiftOf(person, day).Start;
        var first = at.AddSeconds(-book.Draw.Between(200, 300));
        book.SignIns.RefuseAgain(person, first, book.ShiftOf(person, day).Address, ref book.Draw);
        book.Mark(WeekRecord.Intercom, first, "admin_unauthorized_sign_in_method");
        book.Close(person.Email, "Used Google out of habit in the week after it was forbidden");
    }

    private static void StalePasswordManager(DeedBook book)
    {
        var person = book.Pick(Calendar.Tuesday, p => p.HasPassword && p.Office == Office.Dublin, Role.Sales, Role.Agent);
        var address = book.ShiftOf(person, Calendar.Tuesday).Address;
        var at = Calendar.At(person.Office, Calendar.Tuesday, 14.3);
        for (var i = 0; i < 12; i++) Fail(book, person, at.AddSeconds(i * 9.7), address);
        book.SignIns.Succeed(person, at.AddMinutes(6), address);
        book.Mark(WeekRecord.Intercom, at.AddMinutes(6), "admin_login_success");
        book.Close(person.Email, "A password manager tried an old password again and again");
    }

    private static void MistypeBeforeReport(DeedBook book)
    {
        var person = book.Pick(Calendar.Friday, p => p.HasPassword, Role.Marketing, Role.Sales, Role.Agent);
        book.Trouble(person, Calendar.Friday);
        var shift = book.ShiftOf(person, Calendar.Friday);
        Fail(book, person, shift.Start.AddSeconds(-31), shift.Address);
        Fail(book, person, shift.Start.AddSeconds(-14), shift.Address);
        book.Write(
            person, shift.Start.AddMinutes(70), shift.Address, "bulk_export", """{"count":1840,"format":"csv"}""", $"{person.Name} exported many records.");
        book.Close(person.Email, "Mistyped the password in the morning, then exported the leads for the monthly report");
    }

    // These events are written with each person's day.
    private static void ShareAddresses(DeedBook book, bool hasOutage)
    {
        foreach (var office in Office.All)
        {
            foreach (var address in office.Egress)
            {
                book.Mark(WeekRecord.Intercom, Calendar.At(office, 0, 6.5), "admin_login_failure");
                book.Mark(WeekRecord.Intercom, Calendar.At(office, 0, 14), "admin_login_failure");
                book.Close(null, $"Monday in {office.City}: many people behind one address mistype", address);
                if (!hasOutage || office == Office.Toronto) continue;
                MarkOutage(book);
                book.Close(null, $"The identity provider failed; people in {office.City} tried other ways", address);
            }
        }

        if (!hasOutage) return;

        MarkOutage(book);
        book.Close(null, "The identity provider failed, and this person tried another way again and again", hitsEach: true);
    }

    private static void MarkOutage(DeedBook book)
    {
        book.Mark(WeekRecord.Intercom, Outage.Start, "admin_login_failure");
        book.Mark(WeekRecord.Intercom, Outage.End, "admin_unauthorized_sign_in_method");
    }

    private static void Fail(DeedBook book, Person person, DateTimeOffset at, string address)
    {
        book.SignIns.Fail(person, at, address);
        book.Mark(WeekRecord.Intercom, at, "admin_login_failure");
    }
}
