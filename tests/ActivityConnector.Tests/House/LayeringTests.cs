using System.Reflection;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.House;

/// <summary>The layering of the house: who may name whom.</summary>
public sealed class LayeringTests
{
    private const string Root = "ActivityConnector";

    private static readonly Assembly Connector = typeof(Collector).Assembly;
    private static readonly Assembly Transforms = typeof(EcsEvent).Assembly;

    [Fact]
    public void Transforms_see_only_the_base_class_library() =>
        Assert.All(Transforms.GetReferencedAssemblies(), a => Assert.StartsWith("System.", a.Name));

    [Fact]
    public void Transforms_have_no_clock_no_randomness_and_no_files()
    {
        string[] banned =
        [
            "System.TimeProvider", "System.Random", "System.Diagnostics.Stopwatch", "System.Environment", "System.Net.Http", "System.Threading.Tasks",
        ];
        AssertNone(Transforms.GetTypes(), t => banned.Any(b => (t.FullName ?? "").StartsWith(b, StringComparison.Ordinal))
            || (t.Namespace == "System.IO" && t != typeof(StringReader) && t != typeof(TextReader)));
    }

    [Fact]
    public void In_transforms_no_vendor_sees_another_and_what_both_use_sees_neither()
    {
        AssertNone(Mapping("Intercom"), t => InMapping(t, "Sequence"));
        AssertNone(Mapping("Sequence"), t => InMapping(t, "Intercom"));
        foreach (var shared in new[] { "Ecs", "Records", "Tables", "Privacy" })
        {
            AssertNone(Mapping(shared), t => InMapping(t, "Intercom") || InMapping(t, "Sequence"));
        }
    }

    [Fact]
    public void Records_are_read_without_knowing_what_they_become() =>
        AssertNone(Mapping("Records"), t => IsOurs(t) && !InMapping(t, "Records"));

    [Fact]
    public void The_namespace_of_a_type_is_its_folder() =>
        Assert.Empty(new[] { "connector", "transforms" }.SelectMany(part => Directory
            .EnumerateFiles(Path.Combine(DeliveredFiles.Root, part), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal)) is { } line
                && line != $"namespace {NamespaceOf(part, file)};")));

    [Fact]
    public void The_pipeline_sees_only_transforms() =>
        AssertNone(Types("Pipeline"), t => IsOurs(t) && !In(t, "Pipeline") && t.Assembly != Transforms);

    [Theory]
    [InlineData("Sources")]
    [InlineData("Journals")]
    [InlineData("Sinks")]
    [InlineData("Verification")]
    [InlineData("Warehouse")]
    public void Parts_see_the_pipeline_and_never_each_other(string part) =>
        AssertNone(Types(part), t => IsOurs(t) && !In(t, part) && !In(t, "Pipeline") && t.Assembly != Transforms);

    [Fact]
    public void One_vendor_never_sees_another()
    {
        AssertNone(Types("Sources.Intercom"), t => In(t, "Sources.Sequence"));
        AssertNone(Types("Sources.Sequence"), t => In(t, "Sources.Intercom"));
        AssertNone(Types("Sources.Http"), t => In(t, "Sources.Intercom") || In(t, "Sources.Sequence"));
    }

    [Fact]
    public void A_source_never_sees_ecs() =>
        AssertNone(Types("Sources"), t => t.Assembly == Transforms && t != typeof(RawActivity) && t != typeof(SourceTime));

    [Fact]
    public void Simulators_see_no_part_of_the_connector() =>
        AssertNone(Types("Simulation"), t => IsOurs(t) && !In(t, "Simulation"));

    /// <summary>
    /// What stands above the parts: whom they may name besides the pipeline, the transforms and any options; "" is the composition root.
    /// </summary>
    [Theory]
    [InlineData("Dashboards", "Sinks.Elasticsearch")]
    [InlineData("Operations", "Vendors")]
    [InlineData("Detections", "Configuration", "Vendors")]
    [InlineData("Scheduling", "", "Configuration", "Terminals")]
    [InlineData("Status", "", "Configuration", "Journals", "Scheduling", "Sinks", "Vendors")]
    [InlineData("Telemetry", "", "Scheduling", "Status", "Terminals")]
    [InlineData("Admin", "", "Configuration", "Operations", "Scheduling", "Status", "Telemetry", "Terminals", "Vendors")]
    public void A_part_sees_only_what_it_builds_on(string part, params string[] seen) => AssertNone(
        Types(part),
        t => IsOurs(t) && t.Assembly != Transforms && !t.Name.EndsWith("Options", StringComparison.Ordinal)
            && !seen.Append(part).Append("Pipeline").Any(p => p.Length == 0 ? t.Namespace == Root : In(t, p)));

    [Fact]
    public void The_terminal_sees_no_part_of_the_connector() =>
        AssertNone(Types("Terminals"), t => IsOurs(t) && !In(t, "Terminals"));

    /// <summary>Only the composition root, the namespace at the top, may name them besides.</summary>
    [Theory]
    [InlineData("Quartz", "Scheduling")]
    [InlineData("Microsoft.Data.Sqlite", "Journals.Sqlite")]
    [InlineData("Confluent.Kafka", "Journals.Kafka")]
    [InlineData("SQLitePCL", "Journals.Sqlite")]
    [InlineData("Elastic", "Sinks.Elasticsearch")]
    [InlineData("Polly", "Sources.Http")]
    [InlineData("System.CommandLine", "Commands", "Terminals")]
    [InlineData("CsvHelper", "Commands")]
    [InlineData("OpenTelemetry", "Telemetry")]
    [InlineData("Parquet", "Warehouse")]
    [InlineData("Spectre.Console", "Commands", "Terminals")]
    [InlineData("YamlDotNet", "Detections")]
    public void A_library_stays_in_its_room(string library, params string[] rooms) =>
        AssertNone(
            Connector.GetTypes().Where(t => !rooms.Any(r => In(t, r)) && t.Namespace != Root),
            t => t.Namespace == library || (t.Namespace ?? "").StartsWith(library + ".", StringComparison.Ordinal));

    [Fact]
    public void The_rule_itself_can_fail()
    {
        var offenders = Offenders([typeof(Collector)], t => t == typeof(EcsEvent) || t == typeof(IActivityTransform));
        Assert.NotEmpty(offenders);
    }

    private static string NamespaceOf(string part, string file)
    {
        var folder = Path.GetRelativePath(Path.Combine(DeliveredFiles.Root, part), Path.GetDirectoryName(file)!);
        string[] names = [Root, part == "transforms" ? "Transforms" : "", folder == "." ? "" : folder.Replace('/', '.')];
        return string.Join('.', names.Where(name => name.Length > 0));
    }

    private static IEnumerable<Type> Mapping(string folder) => Transforms.GetTypes().Where(t => InMapping(t, folder));

    private static bool InMapping(Type t, string folder) => t.Assembly == Transforms && t.Namespace == $"{Root}.Transforms.{folder}";

    private static IEnumerable<Type> Types(string part) => Connector.GetTypes().Where(t => In(t, part));

    // What the compiler makes for everybody has no namespace, or one of the system's.
    private static bool IsOurs(Type t) =>
        (t.Assembly == Connector || t.Assembly == Transforms) && (t.Namespace ?? "").StartsWith(Root, StringComparison.Ordinal);

    private static bool In(Type t, string part) =>
        t.Assembly == Connector && (t.Namespace == $"{Root}.{part}" || (t.Namespace ?? "").StartsWith($"{Root}.{part}.", StringComparison.Ordinal));

    private static void AssertNone(IEnumerable<Type> types, Func<Type, bool> forbidden) => Assert.Empty(Offenders(types, forbidden));

    private static List<string> Offenders(IEnumerable<Type> types, Func<Type, bool> forbidden) =>
        [
            .. from type in types
               from used in TypeReferences.Of(type)
               where forbidden(used)
               orderby type.FullName
               select $"{type.FullName} names {used.FullName}",
        ];
}
