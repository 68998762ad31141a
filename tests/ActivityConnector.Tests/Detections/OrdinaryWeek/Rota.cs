using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Who works when and from where. The same question always has the same answer.</summary>
internal sealed class Rota
{
    private static readonly (string Country, string Network)[] Destinations =
    [
        ("Spain", "83.34"), ("Germany", "91.12"), ("Japan", "126.78"), ("Australia", "1.128"), ("Portugal", "85.240"), ("Singapore", "116.87"),
        ("United States", "73.162"), ("France", "90.54"), ("Brazil", "177.34"), ("Poland", "83.26"), ("India", "122.170"), ("Italy", "79.12"),
    ];

    private static readonly string[] VpnEgress = ["45.83.220.5", "45.83.220.6", "45.83.221.5", "45.83.221.6"];

    private readonly int _seed;
    private readonly Dictionary<int, Trip> _trips = [];

    public Rota(int seed, Company company)
    {
        _seed = seed;
        var draw = new RandomStream(seed, Draws.Hours, -1);
        var travellers = company.With(Role.Sales, Role.Marketing, Role.Lead, Role.Product).ToList();
        foreach (var (country, network) in Destinations.Take(Math.Max(2, company.Size.Agents / 75)))
        {
            var person = draw.Of(travellers);
            travellers.Remove(person);
            var first = draw.Between(-2, 3);
            _trips.Add(person.Number, new(person, first, first + draw.Between(1, 4), country, network));
        }
    }

    public IEnumerable<Trip> Trips => _trips.Values;

    /// <summary>The person's hours on that day of their own time zone; null when they are off.</summary>
    public Shift? Of(Person person, int day)
    {
        var weekday = Calendar.DayOfWeek(day);
        if (person.HasWeekendShift ? weekday < 2 : weekday >= 5) return null;
        if (new RandomStream(_seed, Draws.Leave, (person.Number * 100L) + ((day - weekday) / 7) + 50).Chance(0.06)) return null;
        if (Draws.Of(_seed, Draws.Sickness, person, day).Chance(0.025)) return null;

        var draw = Draws.Of(_seed, Draws.Hours, person, day);
        // The sum of two draws: most come near the hour, few at its edges.
        var minutes = draw.Between(-14, 14) + draw.Between(-14, 14);
        var start = Calendar.At(person.Office, day, person.FirstHour).AddMinutes(minutes).AddSeconds(draw.Below(60));
        return new(start, start.AddMinutes(510 + draw.Between(-20, 25)), Place(person, day, ref draw));
    }

    /// <summary>An address of the person's telephone: carriers share a few among very many.</summary>
    public static string Mobile(Person person, ref RandomStream draw) =>
        $"{draw.Of(person.Office.MobileNetworks)}.{draw.Between(16, 23)}.{draw.Between(1, 250)}";

    /// <summary>The address of the person's line at home: some change overnight, many keep theirs for weeks.</summary>
    public string Home(Person person, int day)
    {
        // Privacy addresses change every day within the prefix of the line.
        if (person.HasIPv6)
        {
            var today = Draws.Of(_seed, Draws.HomeAddress, person, day);
            return $"{person.Office.HomeIPv6}:{0x1000 + person.Number:x}:1:{today.Between(1, 0xffff):x}:{today.Between(1, 0xffff):x}:a4c1:77e2";
        }

        var change = person.HasChangingLine ? 0.15 : 0.01;
        var since = day;
        while (since > -Calendar.HistoryDays && !Draws.Of(_seed, Draws.HomeLease, person, since).Chance(change)) since--;
        var draw = Draws.Of(_seed, Draws.HomeAddress, person, since);
        return $"{person.Office.HomeNetworks[person.Number % person.Office.HomeNetworks.Length]}.{draw.Below(256)}.{draw.Between(1, 254)}";
    }

    private string Place(Person person, int day, ref RandomStream draw)
    {
        if (_trips.TryGetValue(person.Number, out var trip) && day >= trip.FirstDay && day <= trip.LastDay)
        {
            var hotel = Draws.Of(_seed, Draws.HomeAddress, person, 0);
            return draw.Chance(0.8) ? $"{trip.Network}.{hotel.Below(256)}.{hotel.Between(1, 254)}" : Mobile(person, ref draw);
        }

        if (!person.IsRemote && draw.Chance(0.6)) return person.Office.Egress[person.Number % person.Office.Egress.Length];
        if (draw.Chance(0.1)) return draw.Of(VpnEgress);
        return draw.Chance(0.03) ? Mobile(person, ref draw) : Home(person, day);
    }
}
