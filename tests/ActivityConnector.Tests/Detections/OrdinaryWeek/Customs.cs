namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What some people always do and others never: their events are written with each person's day.</summary>
internal static class Customs
{
    public static void Write(DeedBook book, Rota rota)
    {
        foreach (var trip in rota.Trips)
        {
            book.Mark(WeekRecord.Intercom, Calendar.At(trip.Person.Office, trip.FirstDay, 0), "admin_login_success");
            book.Mark(WeekRecord.Intercom, Calendar.At(trip.Person.Office, trip.LastDay + 1, 0), "admin_login_success");
            book.Close(trip.Person.Email, $"Travels in {trip.Country}");
        }

        foreach (var person in book.Company.With(Role.Finance))
        {
            foreach (var at in (ReadOnlySpan<DateTimeOffset>)[Calendar.Monday, Calendar.Monday.AddDays(5)])
            {
                book.Mark(WeekRecord.Intercom, at, "admin_login_success");
                foreach (var action in (ReadOnlySpan<string>)["credit_note_issued", "invoice_voided", "credit_grant_created"])
                    book.Mark(WeekRecord.Sequence, at, action);
            }

            book.Close(person.Email, "Works in both products every day");
        }
    }
}
