using System.Text;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Vendors;

/// <summary>The mapping tables of a folder, by vendor.</summary>
internal static class VendorTables
{
    private const int MostBytes = 16 << 20;

    /// <summary>Reads them all; what is wrong with one does not hide what is wrong with another.</summary>
    /// <returns>Null when there is a problem.</returns>
    public static IReadOnlyDictionary<string, VendorTable>? Read(string folder, ICollection<ConfigurationProblem> problems)
    {
        var tables = Vendor.All.Select(v => (v.Name, Table: Read(Path.Combine(folder, v.TableFile), v.ParseTable, problems))).ToList();
        return tables.Exists(t => t.Table is null) ? null : tables.ToDictionary(t => t.Name, t => t.Table!);
    }

    /// <summary>Reads them for a configuration that has been checked.</summary>
    /// <exception cref="InvalidOperationException">The folder has changed since; the message says what is wrong.</exception>
    public static IReadOnlyDictionary<string, VendorTable> Of(TransformOptions options)
    {
        var problems = new List<ConfigurationProblem>();
        return Read(options.MappingsFolder!, problems) ?? throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
    }

    private static VendorTable? Read(string path, Func<string, VendorTable> parse, ICollection<ConfigurationProblem> problems)
    {
        try
        {
            return parse(Encoding.UTF8.GetString(RegularFile.Read(path, MostBytes)).TrimStart('\uFEFF'));
        }
        catch (IOException e)
        {
            var files = string.Join(" and ", Vendor.All.Select(v => v.TableFile));
            problems.Add(new(
                "Transform:MappingsFolder",
                $"The table {path} {e.Message}.",
                $"Give the folder that holds {files}."));
        }
        catch (FormatException e)
        {
            problems.Add(new(
                "Transform:MappingsFolder",
                $"The table {path} is broken: {e.Message.TrimEnd('.')}.",
                "Fix that line; the delivered table is an example."));
        }

        return null;
    }
}
