namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>The people of the imagined company, Harbour Desk.</summary>
internal sealed class Company
{
    public const string Domain = "harbourdesk.example";

    private static readonly string[] FirstNames =
    [
        "Aoife", "Brian", "Camille", "Daniel", "Eilis", "Farah", "Gavin", "Hannah", "Imran", "Jasmine", "Kevin", "Leila", "Marco", "Niamh", "Oscar", "Paula",
        "Quentin", "Rosa", "Samir", "Teresa", "Ulrich", "Vera", "Wendy", "Xavier", "Yusuf", "Zelda", "Anders", "Beatriz", "Carlo", "Divina", "Emeka", "Fiona",
        "Grace", "Hugo", "Ines", "Jerome", "Kavita", "Liam", "Maricel", "Nestor",
    ];

    private static readonly string[] LastNames =
    [
        "Adams", "Bautista", "Chen", "Doyle", "Eriksen", "Flores", "Garcia", "Hughes", "Ibrahim", "Jensen", "Kelly", "Lopez", "Murphy", "Navarro", "O'Brien",
        "Patel", "Quinn", "Reyes", "Santos", "Tremblay", "Ueda", "Villanueva", "Walsh", "Xu", "Young", "Zhang", "Aquino", "Byrne", "Cruz", "Dubois", "Evans",
        "Fernandez", "Gill", "Healy", "Ivanov", "Joyce", "Khan", "Lynch", "Mendoza", "Nowak",
    ];

    private readonly List<Person> _people = [];

    public Company(WeekSize size)
    {
        Employ(Role.Agent, size.Agents);
        Employ(Role.Lead, size.Leads);
        Employ(Role.Marketing, size.Marketing);
        Employ(Role.Sales, size.Sales);
        Employ(Role.Product, size.Product);
        Employ(Role.Admin, size.Admins);
        Employ(Role.Finance, size.Finance);
        Employ(Role.Billing, size.Billing);
        Size = size;
    }

    public WeekSize Size { get; }

    public IReadOnlyList<Person> People => _people;

    public static Person ExportAccount { get; } = new(5_000, Role.Service, Office.Dublin, "Reporting export", "reporting-export@" + Domain);

    public IEnumerable<Person> With(params Role[] roles) => _people.Where(p => roles.Contains(p.Role));

    /// <summary>A person who is not yet in the company: the number is that of the newcomer.</summary>
    public static Person Newcomer(int number, Office office, string domain, Role role) => Named(4_000 + number, 1_560 + number, role, office, domain);

    private static Person Named(int number, int name, Role role, Office office, string domain)
    {
        var (first, last) = (FirstNames[name % 40], LastNames[((name / 40) + (name * 7)) % 40]);
        var local = $"{first}.{last.Replace("'", "", StringComparison.Ordinal)}".ToLowerInvariant();
        return new(number, role, office, $"{first} {last}", $"{local}@{domain}");
    }

    // Finance and administration sit mostly in Dublin, support mostly in Manila.
    private void Employ(Role role, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var office = role switch
            {
                Role.Agent or Role.Lead => (i % 10) switch { < 3 => Office.Dublin, < 5 => Office.Toronto, _ => Office.Manila },
                Role.Admin or Role.Finance or Role.Billing => i % 4 == 3 ? Office.Toronto : Office.Dublin,
                _ => i % 3 == 2 ? Office.Toronto : Office.Dublin,
            };
            _people.Add(Named(_people.Count, _people.Count, role, office, Domain));
        }
    }
}
