using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>Whether the transforms accept the privacy rules: they alone know which fields an event cannot be without.</summary>
internal static class PrivacyRule
{
    private static readonly AgentIdentity AnyAgent = new("", "", "");

    public static void Check(TransformOptions options, VendorTable table, ICollection<ConfigurationProblem> problems)
    {
        try
        {
            // Any key will do: whether there is one, and can be read, is checked where the file is.
            var rules = new PrivacyRules(options.Privacy.Fields, new byte[16]);
            _ = table.NewTransform(new EventSettings { ServiceAddress = "", OrganizationId = "any", Agent = AnyAgent, Privacy = rules });
        }
        catch (ArgumentException e)
        {
            problems.Add(new("Transform:Privacy:Fields", e.Message.Split(" (Parameter")[0], "Remove the entry, or keep that field by an entry of its own."));
        }
    }
}
