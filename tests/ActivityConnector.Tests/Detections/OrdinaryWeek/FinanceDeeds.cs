namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Administration of the week in Sequence.</summary>
internal static class FinanceDeeds
{
    public static void Write(DeedBook book, Rota rota)
    {
        One(book, 2, 0, 11.5, "The second bank account of the company is printed on invoices", ("UPDATED", "MERCHANT"));
        One(book, 6, Calendar.Tuesday, 10.2, "The ledger integration has a new account code", ("UPDATED", "INTEGRATION"));
        One(book, 4, Calendar.Thursday, 15.4, "Notices of failed payments go to the new channel", ("UPDATED", "NOTIFICATION_POLICY"));
        One(book, 12, Calendar.Wednesday, 10.1, "Two people of finance start", ("INVITED", "USER"), ("INVITED", "USER"));
        One(book, 4, Calendar.Friday, 10.5, "The key of invoicing is rotated every quarter", ("ROTATED", "API_KEY"));
        ChangePrices(book);
        StartScript(book);
        CloseTheBooks(book, rota);
    }

    private static void One(DeedBook book, int timesAYear, int day, double hour, string why, params (string Verb, string Entity)[] items)
    {
        if (!book.Has(timesAYear)) return;

        var person = book.Pick(day, Role.Billing, Role.Finance);
        foreach (var (i, (verb, entity)) in items.Index())
            book.Write(SequenceActor.Of(person), Calendar.At(person.Office, day, hour).AddMinutes(i * 2), verb, entity, 4_501 + i);
        book.Close(person.Email, why);
    }

    private static void ChangePrices(DeedBook book)
    {
        for (var turn = 0; turn < 2; turn++)
        {
            var person = book.Pick(Calendar.Release, Role.Finance, Role.Billing);
            for (var i = 0; i < 20; i++)
            {
                var (verb, entity) = (i % 5) switch
                {
                    0 => ("UPDATED", "PRODUCT"),
                    1 => ("UPDATED", "PRICE"),
                    2 => ("ARCHIVED", "PRICE"),
                    _ => ("CREATED", "PRICE"),
                };
                book.Write(SequenceActor.Of(person), Plan.ReleaseAt.AddMinutes(-40 + (i * 2) + turn), verb, entity, (turn * 100) + i, "Release of autumn");
            }

            book.Close(person.Email, "Prices of the release");
        }
    }

    private static void StartScript(DeedBook book)
    {
        var person = book.Pick(Calendar.Thursday, Role.Billing, Role.Finance);
        var actor = SequenceActor.Of(person) with { Origin = "API" };
        for (var i = 0; i < 30; i++)
            book.Write(actor, Calendar.At(person.Office, Calendar.Thursday, 14.6).AddSeconds(i * 2), "DOWNLOADED", "INVOICE", i);
        book.Close(person.Email, "Has a first script that downloads invoices through the API");
    }

    // These events are written with each person's day.
    private static void CloseTheBooks(DeedBook book, Rota rota)
    {
        foreach (var person in book.Company.People.Where(FinanceDay.ClosesTheBooks))
        {
            foreach (var day in (ReadOnlySpan<int>)[Calendar.MonthEnd, Calendar.MonthEnd + 1])
            {
                if (rota.Of(person, day) is not { } shift) continue;
                book.Mark(WeekRecord.Sequence, shift.Start, "credit_note_created");
                book.Mark(WeekRecord.Sequence, shift.End, "credit_note_issued");
                book.Mark(WeekRecord.Sequence, shift.End, "invoice_voided");
            }

            book.Close(person.Email, "Closes the books of the quarter: credits, voids and corrections");
        }
    }
}
